package io.coord.persistence;

import java.util.OptionalLong;

/**
 * How a run ended.
 *
 * @param kind who or what is responsible
 * @param cause the kind of cause
 * @param detail the cause in words, for example {@code exit code 3} or {@code signal KILL}
 * @param memoryPeakBytes the peak memory of its cgroup; empty where the kernel does not report it
 */
public record RunEnd(Kind kind, Cause cause, String detail, OptionalLong memoryPeakBytes) {

  /** Who or what is responsible for the end of a run. */
  public enum Kind {
    /** It ended by itself, with success. */
    SUCCESS,
    /** It ended by itself, without success. */
    CRASH,
    /** Something that is not its fault ended it. */
    INTERRUPTION
  }

  /** What ended a run. */
  public enum Cause {
    /** Exit code 0, or one that the spec accepts. */
    SUCCESS,
    /** Any other exit code. */
    EXIT_CODE,
    /** A signal that the coordinator did not ask for. */
    SIGNAL,
    /** The kernel's out-of-memory killer. */
    OUT_OF_MEMORY,
    /** No new cycle for longer than its limit; it was killed. */
    NO_PROGRESS,
    /** No sign of life for longer than the watchdog allows. */
    WATCHDOG,
    /** It ran for longer than its limit. */
    TIME_LIMIT,
    /** The unit could not be started. */
    START,
    /** An operator stopped it. */
    OPERATOR,
    /** The coordinator stopped it because of heat. */
    HEAT,
    /** The coordinator stopped it because a limit was reached: of crashes, or of time. */
    LIMIT,
    /** The machine was shut down. */
    REBOOT,
    /** The machine went down without a shutdown: power cut, reset, kernel panic. */
    POWER_CUT,
    /** Its unit is gone and left no record, for example because the service manager ended. */
    LOST
  }
}
