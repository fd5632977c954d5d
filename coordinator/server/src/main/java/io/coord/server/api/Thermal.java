package io.coord.server.api;

import io.coord.persistence.DownsampledInterval;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.thermal.CoolingDevice;
import io.coord.thermal.CurrentMode;
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
 * Temperatures, their trend, and the actions about heat with their effect.
 *
 * @param thermalState the thermal state as decided by the coordinator
 * @param thresholds the thresholds in use
 * @param zones as read last, in the kernel's number order
 * @param age how long ago the zones were read; empty before the first reading
 * @param active the kernel's active cooling devices, fans included
 * @param steps the actions, the latest first
 * @param past the temperatures of the last hour
 */
public record Thermal(
    ThermalState thermalState,
    Thresholds thresholds,
    List<Zone> zones,
    Optional<Duration> age,
    List<CoolingDevice> active,
    List<Step> steps,
    Past past) {

  /** How long after an action its effect is shown. */
  public static final Duration EFFECT_AFTER = Duration.ofSeconds(60);

  /** Into how many parts the last hour is divided, unless the terminal is narrower. */
  public static final int PARTS = 60;

  /**
   * One zone.
   *
   * @param decides whether it is used for decisions
   * @param trips in the kernel's order; empty also before they were read
   */
  public record Zone(ZoneReading reading, boolean decides, List<TripPoint> trips) {}

  /**
   * An action.
   *
   * @param at the hottest temperature then; empty if it is no longer known
   * @param later the hottest temperature {@link #EFFECT_AFTER} later; empty also before that
   */
  public record Step(ThermalAction step, Optional<MilliCelsius> at, Optional<MilliCelsius> later) {}

  /**
   * A period in equal parts.
   *
   * @param parts how many there are
   * @param measured the parts with measurements, in order
   * @param problem why the measurements are unavailable; blank if they are available
   */
  public record Past(
      Instant from, Instant to, int parts, List<DownsampledInterval> measured, String problem) {

    /** Which of the parts one of {@link #measured} is: 0 to {@link #parts} less one. */
    public int index(DownsampledInterval one) {
      long span = Duration.between(from, to).toMillis();
      long width = Math.max(1, (span + parts - 1) / parts);
      return (int)
          Math.max(0, Math.min(parts - 1, Duration.between(from, one.from()).toMillis() / width));
    }
  }

  /**
   * A power mode that the board is in instead of another, as read back.
   *
   * @param before the mode that is restored later
   * @param speedPercent about how fast the board is, in percent of the other mode
   */
  public record LoweredMode(CurrentMode now, CurrentMode before, int speedPercent) {}

  /** The power mode that was lowered because of heat; empty if the board is not in one. */
  public Optional<LoweredMode> loweredMode() {
    return loweredMode(thermalState);
  }

  /** The same of a thermal state. */
  public static Optional<LoweredMode> loweredMode(ThermalState thermalState) {
    PowerState power = thermalState.power();
    Optional<CurrentMode> now = power.now();
    Optional<CurrentMode> before = power.before();
    if (thermalState.cooling().modeSteps() == 0 || now.isEmpty() || before.isEmpty()) {
      return Optional.empty();
    }
    return power
        .speed(now.get(), before.get())
        .filter(speed -> speed < 1)
        .map(speed -> new LoweredMode(now.get(), before.get(), (int) Math.round(100 * speed)));
  }

  /** The trend in degrees per minute, below 0 when cooling; empty before two readings. */
  public OptionalDouble degreesPerMinute() {
    return thermalState.trend().points().size() < 2
        ? OptionalDouble.empty()
        : OptionalDouble.of(thermalState.trend().degreesPerSecond() * 60);
  }

  /** The time until the critical threshold at this trend; empty if it is not approached. */
  public Optional<Duration> untilCritical() {
    return thermalState.trend().until(thresholds.critical());
  }
}
