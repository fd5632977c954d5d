package io.coord.runner;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The one definition of what is restarted, how often, after what delay, and when an experiment has
 * failed instead.
 *
 * <ul>
 *   <li><b>What.</b> A run that crashed: it ended with an exit code that is no success, by a
 *       signal, out of memory, or killed for its silence. A run that succeeded or used up its time
 *       is not restarted. An interruption (reboot, power cut, heat, operator) is no crash: the
 *       experiment is requeued, and nothing is counted.
 *   <li><b>How often.</b> With {@code maxCrashes} as many times over the whole life of the
 *       experiment, whatever lies in between. Without it {@link #DEFAULT_RESTARTS} times within
 *       {@code interval}, counted by systemd for each dispatch; slower crashes never end.
 *   <li><b>After what delay.</b> {@code delay} each time. With {@code maxDelay} the delay doubles
 *       with each crash since the dispatch, up to {@code maxDelay}.
 *   <li><b>When it ends.</b> At the first crash that leaves no restart the experiment has failed.
 * </ul>
 *
 * @param maxCrashes how many crashes are followed by a restart, 0 to {@link #MAX_CRASHES}
 * @param delay the wait before a restart; empty for {@link #DEFAULT_DELAY}
 * @param maxDelay where given, the wait doubles with each crash, up to this
 * @param interval the time within which systemd counts restarts; empty for {@link
 *     #DEFAULT_INTERVAL}
 */
public record RestartPolicy(
    OptionalInt maxCrashes,
    Optional<Duration> delay,
    Optional<Duration> maxDelay,
    Optional<Duration> interval) {

  /** Restarts within the interval for a policy without {@code maxCrashes}. */
  public static final int DEFAULT_RESTARTS = 3;

  /** {@code StartLimitIntervalSec=} of the unit template. */
  public static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(5);

  /** {@code RestartSec=} of the unit template. */
  public static final Duration DEFAULT_DELAY = Duration.ofSeconds(5);

  /** A number that means: restart without end. */
  public static final int MAX_CRASHES = 1_000_000;

  public static final Duration MAX_DELAY = Duration.ofDays(1);

  /** A limit that doubles must be more than 0. */
  public static final Duration MIN_MAX_DELAY = Duration.ofSeconds(1);

  /** systemd takes 0 as: do not limit restarts. */
  public static final Duration MIN_INTERVAL = Duration.ofSeconds(1);

  public static final Duration MAX_INTERVAL = Duration.ofDays(30);

  /** The defaults in all. */
  public static final RestartPolicy DEFAULT =
      new RestartPolicy(OptionalInt.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  static RestartPolicy of(FieldValues values) {
    return new RestartPolicy(
        values.getInt(RequestField.MAX_CRASHES),
        values.get(RequestField.RESTART_DELAY),
        values.get(RequestField.RESTART_MAX_DELAY),
        values.get(RequestField.RESTART_INTERVAL));
  }

  /**
   * How many restarts systemd may make within {@link #intervalOrDefault} before it gives up, for a
   * dispatch after that many crashes.
   */
  public int restartLimit(int crashes) {
    return maxCrashes.isPresent() ? Math.max(0, maxCrashes.getAsInt() - crashes) : DEFAULT_RESTARTS;
  }

  /** Whether an experiment that has crashed that many times has failed by its own limit. */
  public boolean isExhausted(int crashes) {
    return maxCrashes.isPresent() && crashes > maxCrashes.getAsInt();
  }

  public Duration intervalOrDefault() {
    return interval.orElse(DEFAULT_INTERVAL);
  }
}
