package io.coord.scheduler.core.decision;

import io.coord.persistence.Experiment;

/** The outcome of a request. */
public sealed interface RequestOutcome {

  /** The request is carried out and stored; this is the experiment after it. */
  record Done(Experiment experiment) implements RequestOutcome {}

  /**
   * The request is carried out and stored; it concerns no single experiment.
   *
   * @param message what was done, in words
   */
  record Acknowledged(String message) implements RequestOutcome {}

  /** The request is refused; nothing was changed. */
  record Refused(Refusal refusal) implements RequestOutcome {

    /** A refusal that its message explains. */
    public Refused(Refusal.Code code, String message) {
      this(new Refusal(code, message));
    }
  }
}
