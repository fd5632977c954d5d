package io.coord.thermal;

import java.time.Duration;
import java.util.Optional;

/** The interval between readings of the zones: the setting while cool, shorter as it warms. */
public final class Sampling {

  /** The interval becomes shorter from this many degrees below the throttle threshold. */
  private static final double WARM = 10;

  private static final Duration HOT = Duration.ofSeconds(1);
  private static final Duration FASTEST = Duration.ofMillis(500);

  /** The minimum number of readings until critical is reached. */
  private static final int READINGS_AHEAD = 10;

  private Sampling() {}

  /**
   * The time to the next reading.
   *
   * @param setting the interval while cool; never exceeded
   */
  public static Duration next(Duration setting, Thresholds thresholds, Heat heat, Trend trend) {
    Optional<ZoneReading> hottest = heat.hottest();
    if (hottest.isEmpty()) {
      return heat.zonesSeen() ? min(setting, HOT) : setting;
    }
    double degrees = hottest.get().temperature().orElseThrow().degrees();
    double toThrottle = thresholds.throttle().degrees() - degrees;
    double cool = Math.min(1, Math.max(0, toThrottle / WARM));
    double shortest = Math.min(HOT.toMillis(), setting.toMillis());
    Duration byHeat =
        Duration.ofMillis(Math.round(shortest + cool * (setting.toMillis() - shortest)));
    Duration byTrend =
        trend
            .until(thresholds.critical())
            .map(left -> left.dividedBy(READINGS_AHEAD))
            .orElse(byHeat);
    Duration next = min(byHeat, byTrend);
    return next.compareTo(FASTEST) < 0 ? min(setting, FASTEST) : next;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }
}
