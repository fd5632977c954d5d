package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;

/**
 * What the machine was like for a while.
 *
 * @param from when the first of its measurements (or minutes) began
 * @param to when the last of them ended; may be later than the next one's {@code from} if the wall
 *     clock was set
 * @param measured how much time was measured; more than {@code from} to {@code to} if the wall
 *     clock showed these times more than once
 * @param minMilliCelsius the lowest temperature; empty, like the next two, if none was read
 * @param meanMilliCelsius the mean over the time in which one was read
 * @param maxMilliCelsius the highest temperature
 * @param meanMilliwatts what the whole board drew; empty where no rail says so
 * @param throttled for how long heat cost the experiments something
 */
public record DownsampledSlot(
    Instant from,
    Instant to,
    Duration measured,
    OptionalInt minMilliCelsius,
    OptionalInt meanMilliCelsius,
    OptionalInt maxMilliCelsius,
    OptionalInt meanMilliwatts,
    Duration throttled) {

  /** What was added up for a while. */
  public static DownsampledSlot of(Instant from, Instant to, Tally tally) {
    return new DownsampledSlot(
        from,
        to,
        tally.measured(),
        tally.lowestMilliCelsius(),
        tally.meanMilliCelsius(),
        tally.highestMilliCelsius(),
        tally.meanMilliwatts(),
        tally.throttled());
  }
}
