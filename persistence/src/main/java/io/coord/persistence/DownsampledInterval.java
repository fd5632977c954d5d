package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;

/**
 * The state of the machine during one interval of a plot.
 *
 * @param from when the first of its measurements (or minutes) began
 * @param to when the last of them ended; may be later than the next one's {@code from} if the wall
 *     clock was set
 * @param measured how much time was measured; more than {@code from} to {@code to} if the wall
 *     clock showed these times more than once
 * @param minMilliCelsius the lowest temperature; empty, like the next two, if none was read
 * @param meanMilliCelsius the mean over the time in which one was read
 * @param maxMilliCelsius the highest temperature
 * @param meanMilliwatts mean power of the whole board; empty where no rail says so
 * @param throttled for how long experiments were throttled
 */
public record DownsampledInterval(
    Instant from,
    Instant to,
    Duration measured,
    OptionalInt minMilliCelsius,
    OptionalInt meanMilliCelsius,
    OptionalInt maxMilliCelsius,
    OptionalInt meanMilliwatts,
    Duration throttled) {

  /** The interval with these totals. */
  public static DownsampledInterval of(Instant from, Instant to, MeasurementTotals totals) {
    return new DownsampledInterval(
        from,
        to,
        totals.measured(),
        totals.minMilliCelsius(),
        totals.meanMilliCelsius(),
        totals.maxMilliCelsius(),
        totals.meanMilliwatts(),
        totals.throttled());
  }
}
