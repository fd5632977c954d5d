package io.coord.scheduler.core.state;

import io.coord.runner.Spec;
import io.coord.systemd.InstanceSpec;
import io.coord.thermal.StartCondition;
import io.coord.thermal.Thresholds;
import java.time.Duration;
import java.util.SortedMap;

/**
 * What the operator set.
 *
 * @param capacity what all experiments may use together
 * @param defaults what an experiment gets that names no limit
 * @param heat when it is too hot, and how fast that is acted on
 * @param memoryReservedAfter how long an experiment waits for memory at the head of the queue until
 *     memory is reserved for it
 * @param queue how much may wait
 */
public record Limits(
    Capacity capacity,
    Defaults defaults,
    HeatLimits heat,
    Duration memoryReservedAfter,
    QueueLimits queue) {

  /**
   * What all experiments may use together.
   *
   * @param slots how many experiments may be active at once, at least 1
   * @param ramBytes how much memory they may reserve
   * @param groupSlots for each group with a limit of its own, how many of it may be active
   */
  public record Capacity(int slots, long ramBytes, SortedMap<String, Integer> groupSlots) {
    public Capacity {
      if (slots < 1 || ramBytes < 1) {
        throw new IllegalArgumentException("slots and memory must be positive");
      }
    }
  }

  /**
   * What an experiment gets that names no limit.
   *
   * @param ramBytes the memory that it reserves
   * @param cpuPercent its CPU quota; 100 is one core
   */
  public record Defaults(long ramBytes, int cpuPercent) {
    public Defaults {
      if (ramBytes < 1) {
        throw new IllegalArgumentException("memory must be positive");
      }
    }
  }

  /**
   * When it is too hot, and how fast that is acted on.
   *
   * @param readingInterval between two readings of the zones while it is cool
   * @param emergencyStop the time within which all experiments are stopped when it is critical
   * @param startInterval between two starts while heat is held
   */
  public record HeatLimits(
      Thresholds thresholds,
      Duration readingInterval,
      Duration emergencyStop,
      Duration startInterval) {

    /** When an experiment may start. */
    public StartCondition starts() {
      return new StartCondition(thresholds, startInterval);
    }
  }

  /** How often a dispatch that fails for a passing reason is tried. */
  public static final int DISPATCH_ATTEMPTS = 5;

  /** The CPU quota of an experiment that names none, unless the settings say otherwise. */
  public static final int DEFAULT_CPU_PERCENT = 80;

  /** How long an emergency stop may take, unless the settings say otherwise. */
  public static final Duration DEFAULT_EMERGENCY_STOP = Duration.ofSeconds(10);

  /** When memory is reserved for the head of the queue, unless the settings say otherwise. */
  public static final Duration DEFAULT_MEMORY_RESERVED_AFTER = Duration.ofMinutes(30);

  private static final Duration DEFAULT_READING_INTERVAL = Duration.ofSeconds(5);

  /** Limits with the default CPU quota and the default times. */
  public Limits(Capacity capacity, long defaultRamBytes, Thresholds thresholds) {
    this(
        capacity,
        new Defaults(defaultRamBytes, DEFAULT_CPU_PERCENT),
        new HeatLimits(
            thresholds,
            DEFAULT_READING_INTERVAL,
            DEFAULT_EMERGENCY_STOP,
            StartCondition.DEFAULT_INTERVAL),
        DEFAULT_MEMORY_RESERVED_AFTER,
        QueueLimits.DEFAULT);
  }

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
}
