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
 *       {@code interval}, counted by systemd for each dispatch, and {@link #DEFAULT_MAX_CRASHES}
 *       times in all.
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

  /** Restarts in all for a policy without {@code maxCrashes}: a crash each night for a quarter. */
  public static final int DEFAULT_MAX_CRASHES = 100;

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
    int left = Math.max(0, maxCrashes.orElse(DEFAULT_MAX_CRASHES) - crashes);
    return maxCrashes.isPresent() ? left : Math.min(DEFAULT_RESTARTS, left);
  }

  /**
   * Why these restarts would never be limited: the delays alone take longer than the interval in
   * which restarts are counted. Empty if they are limited.
   */
  public Optional<String> whyUnlimited() {
    if (maxCrashes.isPresent()) {
      return Optional.empty();
    }
    Duration next = delay.orElse(DEFAULT_DELAY);
    Duration all = Duration.ZERO;
    for (int i = 0; i < DEFAULT_RESTARTS; i++) {
      Duration longest = maxDelay.orElse(next);
      all = all.plus(next.compareTo(longest) < 0 ? next : longest);
      next = maxDelay.isPresent() ? next.multipliedBy(2) : next;
    }
    if (all.compareTo(intervalOrDefault()) < 0) {
      return Optional.empty();
    }
    return Optional.of(
        "%d restarts take at least %s and are counted within %s, so that they would never be limited;"
                .formatted(
                    DEFAULT_RESTARTS, Durations.format(all), Durations.format(intervalOrDefault()))
            + " use a longer restart_interval, or max_crashes");
  }

  /** Whether an experiment that has crashed that many times has failed by its own limit. */
  public boolean isExhausted(int crashes) {
    return crashes > maxCrashes.orElse(DEFAULT_MAX_CRASHES);
  }

  public Duration intervalOrDefault() {
    return interval.orElse(DEFAULT_INTERVAL);
  }
}
