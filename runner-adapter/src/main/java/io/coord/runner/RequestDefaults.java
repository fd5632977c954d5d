package io.coord.runner;

import java.util.Map;

/** What an administrator has set for the experiments, or the schedule, of one id. */
@FunctionalInterface
public interface RequestDefaults {
  /** Nothing is set. */
  RequestDefaults NONE = id -> new Validated.Valid<>(Map.of());

  /**
   * The values for the fields that a request does not give.
   *
   * @param id a valid one
   * @return each value as on the command line; errors of what the administrator has set
   */
  Validated<Map<RequestField<?>, String>> of(String id);
}
