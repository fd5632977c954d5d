package io.coord.persistence;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.IntBinaryOperator;

/**
 * Measurements added up; the only place that says how.
 *
 * @param measured the time that all of them stand for
 * @param throttled the time of those that were throttled
 * @param temperatureKnown the time of those that have a temperature
 * @param milliCelsiusSeconds their temperatures, each times its seconds
 * @param lowestMilliCelsius empty if none has a temperature
 * @param highestMilliCelsius empty if none has a temperature
 * @param powerKnown the time of those that say what the board drew
 * @param joulesDrawn what it drew in that time; 0 if none says so
 */
public record Tally(
    Duration measured,
    Duration throttled,
    Duration temperatureKnown,
    double milliCelsiusSeconds,
    OptionalInt lowestMilliCelsius,
    OptionalInt highestMilliCelsius,
    Duration powerKnown,
    double joulesDrawn) {

  /** One measurement. */
  public static Tally of(Measurement one) {
    Duration lasted = one.lasted();
    double seconds = seconds(lasted);
    OptionalInt milliCelsius =
        one.hottest().isPresent()
            ? OptionalInt.of(one.hottest().get().milliCelsius())
            : OptionalInt.empty();
    return new Tally(
        lasted,
        one.heat().throttled() ? lasted : Duration.ZERO,
        milliCelsius.isPresent() ? lasted : Duration.ZERO,
        milliCelsius.orElse(0) * seconds,
        milliCelsius,
        milliCelsius,
        one.milliwatts().isPresent() ? lasted : Duration.ZERO,
        one.milliwatts().orElse(0) * seconds / 1000);
  }

  /** This and another one together. */
  public Tally plus(Tally other) {
    return new Tally(
        measured.plus(other.measured),
        throttled.plus(other.throttled),
        temperatureKnown.plus(other.temperatureKnown),
        milliCelsiusSeconds + other.milliCelsiusSeconds,
        either(lowestMilliCelsius, other.lowestMilliCelsius, Math::min),
        either(highestMilliCelsius, other.highestMilliCelsius, Math::max),
        powerKnown.plus(other.powerKnown),
        joulesDrawn + other.joulesDrawn);
  }

  /** The mean temperature over the time in which one is known, rounded; empty if none is. */
  public OptionalInt meanMilliCelsius() {
    return mean(milliCelsiusSeconds, temperatureKnown);
  }

  /** The mean power over the time in which it is known, rounded; empty if it never is. */
  public OptionalInt meanMilliwatts() {
    return mean(joulesDrawn * 1000, powerKnown);
  }

  /** What the board drew in the time in which that is known; empty if it never is. */
  public OptionalDouble joules() {
    return powerKnown.isZero() ? OptionalDouble.empty() : OptionalDouble.of(joulesDrawn);
  }

  private static OptionalInt mean(double sum, Duration over) {
    return over.isZero()
        ? OptionalInt.empty()
        : OptionalInt.of((int) Math.round(sum / seconds(over)));
  }

  private static OptionalInt either(OptionalInt one, OptionalInt other, IntBinaryOperator choice) {
    return one.isPresent() && other.isPresent()
        ? OptionalInt.of(choice.applyAsInt(one.getAsInt(), other.getAsInt()))
        : one.isPresent() ? one : other;
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1000.0;
  }
}
