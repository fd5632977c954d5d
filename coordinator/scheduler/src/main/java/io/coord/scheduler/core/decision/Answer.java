package io.coord.scheduler.core.decision;

import io.coord.persistence.Experiment;

/** What a caller is told. */
public sealed interface Answer {

  /** It is done, and stored. */
  record Done(Experiment experiment) implements Answer {}

  /** It is done, and stored; it was about no single experiment. */
  record Noted(String what) implements Answer {}

  /** It is refused, and nothing was changed. */
  record Refused(Kind kind, String why) implements Answer {}

  /** Who must act on a refusal. */
  enum Kind {
    /** The caller asked for something that cannot be. */
    USER,
    /** No experiment has that id. */
    UNKNOWN_ID,
    /** It may work later. */
    NOT_NOW
  }
}
