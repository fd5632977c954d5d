package io.coord.scheduler.core.state;

import io.coord.runner.Spec;
import io.coord.systemd.InstanceSpec;
import io.coord.thermal.Thresholds;
import java.time.Duration;
import java.util.SortedMap;

/**
 * What the operator set.
 *
 * @param slots how many experiments may hold a slot at once, at least 1
 * @param totalRamBytes how much memory they may reserve together
 * @param defaultRamBytes what an experiment reserves that names no limit
 * @param thresholds when it is too hot
 * @param groupSlots for each group that has fewer slots than there are in all, how many
 * @param temperatureInterval between two readings of the zones while it is cool
 * @param emergencyStop within which all are stopped when it is critical
 * @param defaultCpuPercent the processor time of an experiment that names none; 100 is one core
 */
public record Limits(
    int slots,
    long totalRamBytes,
    long defaultRamBytes,
    Thresholds thresholds,
    SortedMap<String, Integer> groupSlots,
    Duration temperatureInterval,
    Duration emergencyStop,
    int defaultCpuPercent) {

  /** How often a dispatch that fails for a passing reason is tried. */
  public static final int DISPATCH_ATTEMPTS = 5;

  /**
   * How long the check at an experiment's end may take: two thirds of its stop timeout, which
   * bounds all that systemd does then, so that a check that hangs is killed well before that.
   */
  public static Duration ofCheck(Spec spec) {
    return spec.times()
        .stopTimeout()
        .orElse(InstanceSpec.TEMPLATE_STOP_TIMEOUT)
        .multipliedBy(2)
        .dividedBy(3);
  }

  /** The same with what the settings say by default. */
  public Limits(
      int slots,
      long totalRamBytes,
      long defaultRamBytes,
      Thresholds thresholds,
      SortedMap<String, Integer> groupSlots) {
    this(
        slots,
        totalRamBytes,
        defaultRamBytes,
        thresholds,
        groupSlots,
        Duration.ofSeconds(5),
        DEFAULT_EMERGENCY_STOP,
        DEFAULT_CPU_PERCENT);
  }

  /** The processor time of an experiment that names none, unless the settings say otherwise. */
  public static final int DEFAULT_CPU_PERCENT = 80;

  /** How long an emergency stop may take, unless the settings say otherwise. */
  public static final Duration DEFAULT_EMERGENCY_STOP = Duration.ofSeconds(10);

  public Limits {
    if (slots < 1 || totalRamBytes < 1 || defaultRamBytes < 1) {
      throw new IllegalArgumentException("slots and memory must be positive");
    }
  }
}
