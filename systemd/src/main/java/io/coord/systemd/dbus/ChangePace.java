package io.coord.systemd.dbus;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How often changes of one unit are reported: a program can send a thousand status texts in a
 * second, and each of them changes its unit. Not for several threads.
 */
final class ChangePace {
  /** So many at once: a unit that starts or ends changes a few times. */
  static final int BURST = 20;

  /** After them one in this time. */
  static final Duration INTERVAL = Duration.ofMillis(100);

  private static final int UNITS_KEPT = 100;

  private final int burst;
  private final long interval;

  /** When as many at once are free again, by unit, in nanoseconds of one clock. */
  private final Map<String, Long> freeAt = new HashMap<>();

  /**
   * @param burst so many at once
   * @param interval after them one in this time
   */
  ChangePace(int burst, Duration interval) {
    this.burst = burst;
    this.interval = interval.toNanos();
  }

  /**
   * How long the next report of a unit must wait.
   *
   * @param nanos the present
   * @return 0 if it need not, and then it counts as made
   */
  long nanosToWait(String unit, long nanos) {
    long free = freeAt.getOrDefault(unit, nanos);
    long from = free - nanos > 0 ? free : nanos;
    long wait = from - nanos - (burst - 1) * interval;
    if (wait > 0) {
      return wait;
    }
    if (freeAt.size() >= UNITS_KEPT) {
      freeAt.values().removeIf(at -> at - nanos <= 0);
    }
    freeAt.put(unit, from + interval);
    return 0;
  }
}
