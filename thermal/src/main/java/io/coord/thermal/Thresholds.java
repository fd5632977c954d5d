package io.coord.thermal;

import java.time.Duration;

/**
 * The temperatures at which heat states are entered and left, and the one that cooling holds.
 *
 * @param throttle starts of experiments are limited from here on
 * @param critical all experiments are stopped from here on
 * @param hysteresis how far below its threshold a state is left
 * @param dwell how long it must have been that cool
 * @param hold the temperature that cooling holds: at most {@link #maxHold}
 */
public record Thresholds(
    MilliCelsius throttle,
    MilliCelsius critical,
    MilliCelsius hysteresis,
    Duration dwell,
    MilliCelsius hold) {

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

  /** In thousandths of a degree: what the noise of sensors and the overshoot of the loop need. */
  private static final int HOLD_MARGIN = 1500;

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
    if (hold.compareTo(maxHold(critical)) > 0 || hold.value() < 0) {
      throw new IllegalArgumentException(
          "cannot hold %s: must be from 0 °C to %s, %s below the critical temperature"
              .formatted(
                  hold.exact(), maxHold(critical).exact(), new MilliCelsius(HOLD_MARGIN).exact()));
    }
  }

  /** Thresholds that hold the throttle temperature, or as near to it as critical allows. */
  public Thresholds(
      MilliCelsius throttle, MilliCelsius critical, MilliCelsius hysteresis, Duration dwell) {
    this(throttle, critical, hysteresis, dwell, defaultHold(throttle, critical));
  }

  /** The temperature that is held if nothing else is set. */
  public static MilliCelsius defaultHold(MilliCelsius throttle, MilliCelsius critical) {
    MilliCelsius most = maxHold(critical);
    return throttle.compareTo(most) <= 0 ? throttle : new MilliCelsius(Math.max(0, most.value()));
  }

  /** The highest temperature that can be held: a margin below critical. */
  public static MilliCelsius maxHold(MilliCelsius critical) {
    return new MilliCelsius(critical.value() - HOLD_MARGIN);
  }

  /** The same thresholds, with another temperature to hold. */
  public Thresholds withHold(MilliCelsius other) {
    return new Thresholds(throttle, critical, hysteresis, dwell, other);
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
