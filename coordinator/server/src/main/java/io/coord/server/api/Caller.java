package io.coord.server.api;

import io.coord.persistence.Experiment;

/**
 * The user who sends a request, by peer credentials.
 *
 * @param user the account's name
 * @param operator whether it may act on everybody's experiments
 */
public record Caller(String user, boolean operator) {

  /** Whether this caller may stop, hold, release or read the output of the experiment. */
  public boolean mayControl(Experiment experiment) {
    return operator || user.equals(experiment.submission().owner());
  }
}
