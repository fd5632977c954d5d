package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalInt;

/**
 * What the machine was like for a moment; kept to the millisecond.
 *
 * @param at what the wall clock showed when that moment began
 * @param lasted how long it stands for, by a clock that only goes forward: a millisecond to an hour
 * @param milliCelsius the hottest of the zones that decide, in thousandths of a degree Celsius;
 *     empty if none could be read
 * @param zone the type of that zone; blank if none could be read
 * @param milliwatts what the whole board drew; empty where no rail says so
 * @param heat the heat state, as a word
 * @param sharePercent how much of the processors the experiments were allowed, 0 to 100
 * @param throttled whether heat cost the experiments anything: a state that is not normal, a share
 *     below 100, or a freeze
 * @param powerMode the name of the power mode; blank if it is not known
 * @param gpuPercent how busy the GPU was, 0 to 100; empty where nobody says so
 * @param gpuMegahertz the GPU's clock; empty where nobody says so
 */
public record Measurement(
    Instant at,
    Duration lasted,
    OptionalInt milliCelsius,
    String zone,
    OptionalInt milliwatts,
    String heat,
    int sharePercent,
    boolean throttled,
    String powerMode,
    OptionalInt gpuPercent,
    OptionalInt gpuMegahertz) {

  private static final Duration LONGEST = Duration.ofHours(1);

  public Measurement {
    at = Instant.ofEpochMilli(at.toEpochMilli());
    if (lasted.compareTo(Duration.ofMillis(1)) < 0 || lasted.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("does not last 1 ms to 1 h: " + lasted);
    }
    lasted = Duration.ofMillis(lasted.toMillis());
    requirePercent("share", sharePercent);
    gpuPercent.ifPresent(percent -> requirePercent("GPU load", percent));
  }

  /** When the minute began in which this did, by the wall clock. */
  public Instant minute() {
    return at.truncatedTo(ChronoUnit.MINUTES);
  }

  private static void requirePercent(String what, int percent) {
    if (percent < 0 || percent > 100) {
      throw new IllegalArgumentException(what + " is not 0 to 100 percent: " + percent);
    }
  }
}
