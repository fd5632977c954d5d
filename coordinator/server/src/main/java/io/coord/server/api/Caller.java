package io.coord.server.api;

import io.coord.persistence.Experiment;

/**
 * Who asks, as the kernel says.
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
