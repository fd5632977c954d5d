package io.coord.thermal;

import java.time.Duration;
import java.util.Optional;

/**
 * How the default thresholds of a board are computed.
 *
 * @param kind what the two temperatures are
 * @param throttle a temperature, or how far it is below the critical trip point
 * @param critical a temperature, or how far it is below the critical trip point
 */
public record ThresholdRule(
    Kind kind,
    MilliCelsius throttle,
    MilliCelsius critical,
    MilliCelsius hysteresis,
    Duration dwell) {

  /** No board powers off below this; such a trip point is implausible. */
  static final MilliCelsius LOWEST_TRIP = MilliCelsius.ofDegrees(60);

  /** A PC's processor is stopped so far below the limit at which it stops itself. */
  private static final int BELOW_CRITICAL = 5_000;

  private static final int BETWEEN = 5_000;

  /**
   * The thresholds of a processor that states its own limits.
   *
   * @param critical where it stops itself, 60 °C or more
   * @param max from where it should be cooled; it may be missing, implausible, or above
   */
  static Thresholds ofProcessor(MilliCelsius critical, Optional<MilliCelsius> max) {
    int stop = critical.value() - BELOW_CRITICAL;
    int throttle =
        max.filter(read -> read.compareTo(LOWEST_TRIP) >= 0)
            .map(read -> Math.min(read.value(), stop - BETWEEN))
            .orElse(stop - 2 * BETWEEN);
    return new Thresholds(
        new MilliCelsius(throttle),
        new MilliCelsius(stop),
        Thresholds.DEFAULT.hysteresis(),
        Thresholds.DEFAULT.dwell());
  }

  /** What the temperatures of a rule are. */
  public enum Kind {
    /** Temperatures. */
    ABSOLUTE,
    /** Distances to the temperature at which the kernel powers off. */
    BELOW_CRITICAL
  }

  /**
   * The thresholds.
   *
   * @param trip where the kernel powers off; without it, distances are from {@code documented}
   * @param documented where boards of this kind power off
   */
  Thresholds resolve(Optional<MilliCelsius> trip, Optional<MilliCelsius> documented) {
    if (kind == Kind.ABSOLUTE) {
      return new Thresholds(throttle, critical, hysteresis, dwell);
    }
    int from =
        trip.filter(read -> read.compareTo(LOWEST_TRIP) >= 0)
            .or(() -> documented)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "thresholds are relative to a trip point, and none is known"))
            .value();
    return new Thresholds(
        new MilliCelsius(from - throttle.value()),
        new MilliCelsius(from - critical.value()),
        hysteresis,
        dwell);
  }
}
