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
  /** The machine's defaults. */
  public static final TimeLimits DEFAULT =
      new TimeLimits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
