package io.coord.server.api;

import io.coord.persistence.DownsampledSlot;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.thermal.CoolingDevice;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Thresholds;
import io.coord.thermal.TripPoint;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How hot it is, where that is going, what is done about it, and what came of it.
 *
 * @param thermalState what the coordinator makes of it
 * @param thresholds those that are in force
 * @param zones as read last, in the kernel's number order
 * @param active the kernel's cooling devices that are at work, fans too
 * @param steps what was done, the latest first
 * @param past how hot it was
 */
public record Thermal(
    ThermalState thermalState,
    Thresholds thresholds,
    List<Zone> zones,
    List<CoolingDevice> active,
    List<Step> steps,
    Past past) {

  /** After so long it is looked at what came of a step. */
  public static final Duration EFFECT_AFTER = Duration.ofSeconds(60);

  /** Into how many parts the last hour is cut where nobody has less room: one a minute. */
  public static final int PARTS = 60;

  /**
   * One zone.
   *
   * @param decides whether it counts when it is asked how hot the machine is
   * @param trips in the kernel's number order; empty also before they were read
   */
  public record Zone(ZoneReading reading, boolean decides, List<TripPoint> trips) {}

  /**
   * Something that was done.
   *
   * @param at what the hottest zone read then; empty if that is not known any more
   * @param later what it read {@link #EFFECT_AFTER} later; empty also if it is too early to tell
   */
  public record Step(ThermalAction step, Optional<MilliCelsius> at, Optional<MilliCelsius> later) {}

  /**
   * A stretch of time in equal parts.
   *
   * @param parts how many there are
   * @param measured those in which something was measured, in order
   * @param problem why it cannot be told; blank if it can
   */
  public record Past(
      Instant from, Instant to, int parts, List<DownsampledSlot> measured, String problem) {

    /** Which of the parts one of {@link #measured} is: 0 to {@link #parts} less one. */
    public int index(DownsampledSlot one) {
      long span = Duration.between(from, to).toMillis();
      long width = Math.max(1, (span + parts - 1) / parts);
      return (int)
          Math.max(0, Math.min(parts - 1, Duration.between(from, one.from()).toMillis() / width));
    }
  }

  /** How fast it warms, in degrees per minute, below 0 as it cools; empty before two readings. */
  public OptionalDouble degreesPerMinute() {
    return thermalState.trend().points().size() < 2
        ? OptionalDouble.empty()
        : OptionalDouble.of(thermalState.trend().degreesPerSecond() * 60);
  }

  /** When it is critical if it goes on like this; empty if it is not on the way there. */
  public Optional<Duration> untilCritical() {
    return thermalState.trend().until(thresholds.critical());
  }
}
