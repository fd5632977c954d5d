package io.coord.server.api;

import io.coord.runner.Validated;

/** What the administrator has set for the experiments, or the schedule, of an id. */
public interface RequestDefaults {
  /**
   * The request with what it leaves to the administrator.
   *
   * @param request one that was read without an error
   * @return the errors in what the administrator has set, if there are any
   */
  Validated<String> completed(String id, String request);
}
