package io.coord.runner;

import java.time.Duration;
import java.util.Optional;

/**
 * How long things may take. What is empty is the machine's default, which is no limit for all but
 * the stop timeout.
 *
 * @param stopTimeout the time between SIGTERM and SIGKILL
 * @param maxDuration how long the experiment may run
 * @param watchdog how long a run may go without {@code WATCHDOG=1}
 * @param noProgress how long a run may go without a new cycle
 */
public record TimeLimits(
    Optional<Duration> stopTimeout,
    Optional<Duration> maxDuration,
    Optional<Duration> watchdog,
    Optional<Duration> noProgress) {
  /** systemd takes 0 as: wait without end. */
  public static final Duration MIN_STOP_TIMEOUT = Duration.ofMillis(100);

  /** When it is too hot, all must be stopped within a bounded time. */
  public static final Duration MAX_STOP_TIMEOUT = Duration.ofMinutes(10);

  /** systemd takes 0 as: no limit, and no watchdog. */
  public static final Duration MIN_TIME = Duration.ofSeconds(1);

  public static final Duration MAX_WATCHDOG = Duration.ofDays(1);

  /** A year: beyond it, leave the limit out. */
  public static final Duration MAX_DURATION = Duration.ofDays(365);

  /** The machine's defaults. */
  public static final TimeLimits DEFAULT =
      new TimeLimits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  static TimeLimits of(FieldValues values) {
    return new TimeLimits(
        values.get(RequestField.STOP_TIMEOUT),
        values.get(RequestField.MAX_DURATION),
        values.get(RequestField.WATCHDOG),
        values.get(RequestField.NO_PROGRESS));
  }
}
