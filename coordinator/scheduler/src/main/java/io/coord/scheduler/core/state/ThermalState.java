package io.coord.scheduler.core.state;

import io.coord.persistence.CpuLimit;
import io.coord.thermal.Cooling;
import io.coord.thermal.Heat;
import io.coord.thermal.StartCondition;
import io.coord.thermal.Trend;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How hot it is, the trend, and what is done about it.
 *
 * @param cooling what is asked for, short of stopping
 * @param throttle what holds back the slice of all experiments
 * @param power the power mode
 * @param criticalSince the uptime since which it is critical
 * @param belowLimitSince for each experiment that waits to fall below a limit of its own, the
 *     uptime since which it is cool enough
 * @param steadySince the uptime of the last start, or of the last change of the heat state if later
 */
public record ThermalState(
    Heat heat,
    Trend trend,
    Cooling cooling,
    ThrottleState throttle,
    PowerState power,
    Optional<Duration> criticalSince,
    SortedMap<String, Duration> belowLimitSince,
    Duration steadySince) {

  /** Before the first reading. */
  public static ThermalState unknown(Heat heat, PowerState power) {
    return unknown(heat, power, Optional.empty());
  }

  /**
   * Before the first reading, after another coordinator.
   *
   * @param throttledFrom the CPU limit that the other coordinator has replaced
   */
  public static ThermalState unknown(
      Heat heat, PowerState power, Optional<CpuLimit> throttledFrom) {
    return new ThermalState(
        heat,
        Trend.NONE,
        Cooling.NONE,
        ThrottleState.unknown(throttledFrom),
        power,
        Optional.empty(),
        new TreeMap<>(),
        Duration.ZERO);
  }

  /** After a reading of the zones. */
  public ThermalState after(
      Heat heatNow, Trend trendNow, Cooling coolingNow, Optional<Duration> critical) {
    return new ThermalState(
        heatNow, trendNow, coolingNow, throttle, power, critical, belowLimitSince, steadySince);
  }

  public ThermalState withCooling(Cooling now) {
    return after(heat, trend, now, criticalSince);
  }

  public ThermalState withThrottle(ThrottleState now) {
    return new ThermalState(
        heat, trend, cooling, now, power, criticalSince, belowLimitSince, steadySince);
  }

  public ThermalState withPower(PowerState now) {
    return new ThermalState(
        heat, trend, cooling, throttle, now, criticalSince, belowLimitSince, steadySince);
  }

  public ThermalState withBelowLimitSince(SortedMap<String, Duration> since) {
    return new ThermalState(
        heat, trend, cooling, throttle, power, criticalSince, since, steadySince);
  }

  /** After a start, or after a change of the heat state. */
  public ThermalState withSteadySince(Duration uptime) {
    return new ThermalState(
        heat, trend, cooling, throttle, power, criticalSince, belowLimitSince, uptime);
  }

  /**
   * Why heat prevents a start; empty if it does not.
   *
   * @param running how many experiments run
   */
  public Optional<String> startObstacle(StartCondition condition, int running, Duration uptime) {
    return condition.obstacle(heat, trend, cooling, running, steadySince, uptime);
  }

  /**
   * This state, where a decision could not be stored: a value that must be stored before an effect
   * is as before, so the effect was not begun.
   */
  ThermalState withoutUnstored(ThermalState before) {
    return withThrottle(throttle.withReplaced(before.throttle().replaced()))
        .withPower(power.withBefore(before.power().before()).withAsked(before.power().asked()));
  }
}
