package io.coord.thermal;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the temperature lets an experiment start, and what is missing if it does not.
 *
 * <p>In a cool machine anything may start. While heat is held, one experiment may start in each
 * interval, if the temperature does not rise, is at or below the one that is held, and the cooling
 * in force leaves enough CPU time for one more. Otherwise a second slot would stay empty for as
 * long as the first experiment warms the machine.
 *
 * <p>Pure, and by the uptime only.
 *
 * @param interval between two starts while heat is held
 */
public record StartCondition(Thresholds thresholds, Duration interval) {

  /** The interval unless the settings say otherwise. */
  public static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(5);

  /** Each experiment must get at least this part of its CPU time after the start. */
  static final double MIN_SHARE_EACH = 0.2;

  /** In degrees per second: less is the noise of a sensor. */
  private static final double RISING = 0.05;

  /**
   * Why no experiment may start; empty if one may.
   *
   * @param running how many experiments run now
   * @param since the uptime of the last start, or of the last change of the heat state if later
   */
  public Optional<String> obstacle(
      Heat heat, Trend trend, Cooling cooling, int running, Duration since, Duration uptime) {
    if (heat.blind() || heat.state() == HeatState.CRITICAL) {
      return Optional.of(heat.reason());
    }
    if (!isHeld(heat, cooling)) {
      return Optional.empty();
    }
    return missing(trend, cooling, running, since, uptime)
        .map(missing -> heat.reason() + "; " + missing);
  }

  /** Whether starts are limited because of heat. */
  private boolean isHeld(Heat heat, Cooling cooling) {
    return heat.state() == HeatState.THROTTLED
        || (cooling.active() && heat.hottest().filter(this::isNearHold).isPresent());
  }

  private boolean isNearHold(ZoneReading hottest) {
    int near = thresholds.hold().value() - thresholds.hysteresis().value();
    return hottest.temperature().orElseThrow().value() >= near;
  }

  private Optional<String> missing(
      Trend trend, Cooling cooling, int running, Duration since, Duration uptime) {
    double rise = trend.degreesPerSecond();
    if (rise > RISING) {
      return Optional.of(
          String.format(Locale.ROOT, "no start while it rises (%+.1f °C/min)", 60 * rise));
    }
    if (trend.mean() > thresholds.hold().degrees()) {
      return Optional.of(
          "no start while the mean of the last seconds, %s, is above the held %s"
              .formatted(MilliCelsius.ofDegrees(trend.mean()), thresholds.hold().exact()));
    }
    if (cooling.frozen()) {
      return Optional.of("no start while experiments are frozen");
    }
    double each = cooling.share() * Math.max(1, running) / (running + 1.0);
    if (running > 0 && each < MIN_SHARE_EACH) {
      return Optional.of(
          "no start while cooling leaves %d %% of the CPU time: %d %% for each of %d, needs %d %%"
              .formatted(
                  cooling.percent(),
                  Math.round(100 * each),
                  running + 1,
                  Math.round(100 * MIN_SHARE_EACH)));
    }
    Duration left = interval.minus(uptime.minus(since));
    if (left.compareTo(Duration.ZERO) > 0) {
      return Optional.of(
          "while heat is held, the next start is in %d s at the earliest"
              .formatted(left.plusMillis(999).toSeconds()));
    }
    return Optional.empty();
  }
}
