package io.coord.persistence;

import java.util.Locale;

/** The public state of an experiment; its lower-case {@link #word} is what is stored and shown. */
public enum ExperimentState {
  /** Waits for admission. */
  QUEUED,
  /** Waits for an operator to release it. */
  HELD,
  /** Dispatch is committed; its unit's start is under way. */
  STARTING,
  /** Its unit is active. */
  RUNNING,
  /** It crashed and systemd waits out the restart delay. */
  RESTARTING,
  /** Its processes are frozen. */
  PAUSED,
  /** Stopped because of heat; started again when the machine is cool. */
  COOLING,
  /** Its unit was asked to stop. */
  STOPPING,
  /** Its last run exited with success; whether it is complete could not be verified yet. */
  VERIFYING,
  /** Ended, and its completion was verified. */
  COMPLETED,
  /** Ended out of restarts, or verified incomplete. */
  FAILED,
  /** Ended by an operator. */
  STOPPED;

  /** The stored and shown name, for example {@code running}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The state with this word.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ExperimentState ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** Whether an experiment never leaves this state. */
  public boolean isFinal() {
    return this == COMPLETED || this == FAILED || this == STOPPED;
  }

  /** Whether an experiment in this state holds a slot and its memory. */
  public boolean isActive() {
    return this == STARTING
        || this == RUNNING
        || this == RESTARTING
        || this == PAUSED
        || this == STOPPING;
  }
}
