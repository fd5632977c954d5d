package io.coord.thermal;

import java.time.Duration;
import java.util.Optional;

/** How often the zones are to be read: as the setting says while it is cool, faster as it warms. */
public final class Sampling {

  /** So many degrees below the throttle it begins to go faster. */
  private static final double WARM = 10;

  private static final Duration HOT = Duration.ofSeconds(1);
  private static final Duration FASTEST = Duration.ofMillis(500);

  /** Until critical is reached there are to be at least so many readings. */
  private static final int READINGS_AHEAD = 10;

  private Sampling() {}

  /**
   * The time to the next reading.
   *
   * @param setting what it is while it is cool; never exceeded
   */
  public static Duration next(Duration setting, Thresholds thresholds, Heat heat, Trend trend) {
    Optional<ZoneReading> hottest = heat.hottest();
    if (hottest.isEmpty()) {
      return heat.zonesSeen() ? least(setting, HOT) : setting;
    }
    double degrees = hottest.get().temperature().orElseThrow().degrees();
    double toThrottle = thresholds.throttle().degrees() - degrees;
    double cool = Math.min(1, Math.max(0, toThrottle / WARM));
    double least = Math.min(HOT.toMillis(), setting.toMillis());
    Duration byHeat = Duration.ofMillis(Math.round(least + cool * (setting.toMillis() - least)));
    Duration byTrend =
        trend
            .until(thresholds.critical())
            .map(left -> left.dividedBy(READINGS_AHEAD))
            .orElse(byHeat);
    Duration next = least(byHeat, byTrend);
    return next.compareTo(FASTEST) < 0 ? least(setting, FASTEST) : next;
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
