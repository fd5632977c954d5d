package io.coord.systemd;

import java.util.Locale;

/** How a unit job ended, as in {@code JobRemoved} of org.freedesktop.systemd1(5). */
public enum JobResult {
  /** It did what it was for. */
  DONE,
  /** Cancelled before it ran, for example by a conflicting job. */
  CANCELED,
  /** It took longer than the job's time limit. */
  TIMEOUT,
  /** It ran and failed. */
  FAILED,
  /** A job that it depends on failed. */
  DEPENDENCY,
  /** It did not apply to the unit's present state. */
  SKIPPED,
  /** The unit could not be loaded. */
  INVALID,
  /** A condition or assertion of the unit failed. */
  ASSERT,
  /** The unit type does not support it. */
  UNSUPPORTED,
  /** The unit was collected while the job waited. */
  COLLECTED,
  /** The unit may be started once only. */
  ONCE,
  /** The unit, or the slice that it is in, is frozen (systemd from 256 on). */
  FROZEN,
  /** A word that this version does not know. */
  OTHER;

  /** The result with systemd's word, {@link #OTHER} for one that is not known. */
  public static JobResult ofWord(String word) {
    for (JobResult result : values()) {
      if (result.word().equals(word)) {
        return result;
      }
    }
    return OTHER;
  }

  /** systemd's word, for example {@code done}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
