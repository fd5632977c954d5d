package io.coord.persistence;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.IntBinaryOperator;

/**
 * Measurements added up; the only place that defines how.
 *
 * @param measured the time that all of them cover
 * @param throttled the time of those that were throttled
 * @param temperatureKnown the time of those that have a temperature
 * @param milliCelsiusSeconds the sum of each temperature times its seconds
 * @param minMilliCelsius empty if none has a temperature
 * @param maxMilliCelsius empty if none has a temperature
 * @param powerKnown the time of those that have the power of the board
 * @param joulesDrawn the energy that the board drew in that time; 0 if none has it
 */
public record MeasurementTotals(
    Duration measured,
    Duration throttled,
    Duration temperatureKnown,
    double milliCelsiusSeconds,
    OptionalInt minMilliCelsius,
    OptionalInt maxMilliCelsius,
    Duration powerKnown,
    double joulesDrawn) {

  /** One measurement. */
  public static MeasurementTotals of(Measurement one) {
    Duration lasted = one.lasted();
    double seconds = seconds(lasted);
    OptionalInt milliCelsius =
        one.hottest().isPresent()
            ? OptionalInt.of(one.hottest().get().milliCelsius())
            : OptionalInt.empty();
    return new MeasurementTotals(
        lasted,
        one.heat().throttled() ? lasted : Duration.ZERO,
        milliCelsius.isPresent() ? lasted : Duration.ZERO,
        milliCelsius.orElse(0) * seconds,
        milliCelsius,
        milliCelsius,
        one.milliwatts().isPresent() ? lasted : Duration.ZERO,
        one.milliwatts().orElse(0) * seconds / 1000);
  }

  /** The sum of these and other totals. */
  public MeasurementTotals plus(MeasurementTotals other) {
    return new MeasurementTotals(
        measured.plus(other.measured),
        throttled.plus(other.throttled),
        temperatureKnown.plus(other.temperatureKnown),
        milliCelsiusSeconds + other.milliCelsiusSeconds,
        either(minMilliCelsius, other.minMilliCelsius, Math::min),
        either(maxMilliCelsius, other.maxMilliCelsius, Math::max),
        powerKnown.plus(other.powerKnown),
        joulesDrawn + other.joulesDrawn);
  }

  /** The same with a part of the energy, from 0 to 1. */
  public MeasurementTotals withEnergy(double part) {
    return new MeasurementTotals(
        measured,
        throttled,
        temperatureKnown,
        milliCelsiusSeconds,
        minMilliCelsius,
        maxMilliCelsius,
        powerKnown,
        joulesDrawn * part);
  }

  /** The mean temperature over the time in which one is known, rounded; empty if none is. */
  public OptionalInt meanMilliCelsius() {
    return mean(milliCelsiusSeconds, temperatureKnown);
  }

  /** The mean power over the time in which it is known, rounded; empty if it never is. */
  public OptionalInt meanMilliwatts() {
    return mean(joulesDrawn * 1000, powerKnown);
  }

  /** The energy drawn in the time in which the power is known; empty if it never is. */
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
