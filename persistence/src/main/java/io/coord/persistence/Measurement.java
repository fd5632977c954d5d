package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The state of the machine during a short span of time; times are kept to the millisecond.
 *
 * @param at when that span began, by the wall clock
 * @param lasted how long it was, by a clock that only goes forward: a millisecond to an hour
 * @param hottest the hottest zone; empty if none could be read
 * @param milliwatts power drawn by the whole board; empty where no rail says so
 * @param powerMode the name of the power mode; blank if it is not known
 * @param heat the heat state
 * @param gpu load and clock of the GPU
 */
public record Measurement(
    Instant at,
    Duration lasted,
    Optional<HottestZone> hottest,
    OptionalInt milliwatts,
    String powerMode,
    HeatStatus heat,
    GpuStatus gpu) {

  private static final Duration LONGEST = Duration.ofHours(1);

  public Measurement {
    at = Instant.ofEpochMilli(at.toEpochMilli());
    if (lasted.compareTo(Duration.ofMillis(1)) < 0 || lasted.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("does not last 1 ms to 1 h: " + lasted);
    }
    lasted = Duration.ofMillis(lasted.toMillis());
  }

  /** The minute of the wall clock in which it began. */
  public Instant minute() {
    return at.truncatedTo(ChronoUnit.MINUTES);
  }
}
