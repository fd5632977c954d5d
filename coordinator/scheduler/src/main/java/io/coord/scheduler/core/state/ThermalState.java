package io.coord.scheduler.core.state;

import io.coord.persistence.CpuLimit;
import io.coord.thermal.Cooling;
import io.coord.thermal.Heat;
import io.coord.thermal.Trend;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How hot it is, where that is going, and what is done about it.
 *
 * @param cooling what is asked for, short of stopping
 * @param throttle what the service manager says is in force; empty before it was asked
 * @param throttledFrom the CPU limit to restore; empty while experiments are not throttled
 * @param own what the administrator allows all experiments together, in percent of one core
 * @param freezes whether it can freeze
 * @param power the power mode
 * @param criticalSince the uptime since which it is critical
 * @param belowLimitSince for each experiment that waits below a limit of its own, since which
 *     uptime it is cool enough for it
 */
public record ThermalState(
    Heat heat,
    Trend trend,
    Cooling cooling,
    Optional<SliceThrottle> throttle,
    Optional<CpuLimit> throttledFrom,
    OptionalInt own,
    boolean freezes,
    PowerState power,
    Optional<Duration> criticalSince,
    SortedMap<String, Duration> belowLimitSince) {

  /** Before the first reading. */
  public static ThermalState unknown(Heat heat, PowerState power) {
    return unknown(heat, power, Optional.empty());
  }

  /**
   * The same for one who comes after another.
   *
   * @param throttledFrom the CPU limit that the last coordinator left to restore
   */
  public static ThermalState unknown(
      Heat heat, PowerState power, Optional<CpuLimit> throttledFrom) {
    return new ThermalState(
        heat,
        Trend.NONE,
        Cooling.NONE,
        Optional.empty(),
        throttledFrom,
        OptionalInt.empty(),
        false,
        power,
        Optional.empty(),
        new TreeMap<>());
  }

  public ThermalState after(
      Heat heatNow, Trend trendNow, Cooling coolingNow, Optional<Duration> critical) {
    return new ThermalState(
        heatNow,
        trendNow,
        coolingNow,
        throttle,
        throttledFrom,
        own,
        freezes,
        power,
        critical,
        belowLimitSince);
  }

  public ThermalState withCooling(Cooling now) {
    return after(heat, trend, now, criticalSince);
  }

  public ThermalState withThrottle(SliceThrottle inForce, boolean canFreeze) {
    return new ThermalState(
        heat,
        trend,
        cooling,
        Optional.of(inForce),
        throttledFrom,
        own,
        canFreeze,
        power,
        criticalSince,
        belowLimitSince);
  }

  public ThermalState withOwn(OptionalInt percent) {
    return new ThermalState(
        heat,
        trend,
        cooling,
        throttle,
        throttledFrom,
        percent,
        freezes,
        power,
        criticalSince,
        belowLimitSince);
  }

  public ThermalState withThrottledFrom(Optional<CpuLimit> limit) {
    return new ThermalState(
        heat, trend, cooling, throttle, limit, own, freezes, power, criticalSince, belowLimitSince);
  }

  public ThermalState withPower(PowerState now) {
    return new ThermalState(
        heat,
        trend,
        cooling,
        throttle,
        throttledFrom,
        own,
        freezes,
        now,
        criticalSince,
        belowLimitSince);
  }

  public ThermalState withBelowLimitSince(SortedMap<String, Duration> since) {
    return new ThermalState(
        heat, trend, cooling, throttle, throttledFrom, own, freezes, power, criticalSince, since);
  }
}
