package io.coord.thermal;

import java.time.Duration;

/**
 * The temperatures at which heat states are entered and left.
 *
 * @param throttle no experiment is started from here on
 * @param critical all experiments are stopped from here on
 * @param hysteresis how far below its threshold a state is left
 * @param dwell how long it must have been that cool
 */
public record Thresholds(
    MilliCelsius throttle, MilliCelsius critical, MilliCelsius hysteresis, Duration dwell) {

  /**
   * A policy for Orin and Xavier, far below where the hardware acts (99 and 90 °C); a Thor runs
   * hotter than this in normal work.
   */
  public static final Thresholds DEFAULT =
      new Thresholds(
          MilliCelsius.ofDegrees(75),
          MilliCelsius.ofDegrees(85),
          MilliCelsius.ofDegrees(5),
          Duration.ofSeconds(10));

  private static final int MIN_BELOW_CRITICAL = 1500;

  public Thresholds {
    if (throttle.compareTo(critical) >= 0) {
      throw new IllegalArgumentException(
          "cannot throttle at %s: must be below the critical temperature, %s"
              .formatted(throttle.exact(), critical.exact()));
    }
    if (critical.compareTo(ZoneReading.HIGHEST) > 0) {
      throw new IllegalArgumentException(
          "cannot set the critical temperature to %s: zones read at most %s"
              .formatted(critical.exact(), ZoneReading.HIGHEST.exact()));
    }
    if (hysteresis.value() < 0) {
      throw new IllegalArgumentException(
          "cannot set the hysteresis to %s: must be 0 °C or more".formatted(hysteresis.exact()));
    }
    // INVARIANT: a machine must cool down to a temperature above 0 °C, which it can reach.
    if (hysteresis.compareTo(throttle) >= 0) {
      throw new IllegalArgumentException(
          "cannot throttle at %s with a hysteresis of %s: no machine would ever be cool enough"
              .formatted(throttle.exact(), hysteresis.exact()));
    }
    if (dwell.isNegative()) {
      throw new IllegalArgumentException(
          "cannot set the dwell to " + dwell + ": must be 0 or more");
    }
  }

  /**
   * The temperature at which cooling aims: as near to critical as noise and overshoot allow,
   * because a lower one costs work.
   */
  public MilliCelsius holdTemperature() {
    int between = critical.value() - throttle.value();
    int below = Math.min(between, Math.max(MIN_BELOW_CRITICAL, between * 3 / 20));
    return new MilliCelsius(critical.value() - below);
  }

  /** The threshold from which a state is entered. NORMAL has none. */
  MilliCelsius entryOf(HeatState state) {
    return switch (state) {
      case THROTTLED -> throttle;
      case CRITICAL -> critical;
      case NORMAL -> throw new IllegalArgumentException("NORMAL has no threshold");
    };
  }

  /** Below this for the dwell, a state is left. NORMAL is never left downwards. */
  MilliCelsius exitOf(HeatState state) {
    return new MilliCelsius(entryOf(state).value() - hysteresis.value());
  }
}
