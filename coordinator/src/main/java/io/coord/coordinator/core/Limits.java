package io.coord.coordinator.core;

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
 */
public record Limits(
    int slots,
    long totalRamBytes,
    long defaultRamBytes,
    Thresholds thresholds,
    SortedMap<String, Integer> groupSlots) {

  /** Restarts within {@link #DEFAULT_RESTART_INTERVAL_SECONDS} where the spec says nothing. */
  public static final int DEFAULT_RESTART_LIMIT = 3;

  /** As in the unit template. */
  public static final int DEFAULT_RESTART_INTERVAL_SECONDS = 300;

  /** How often a dispatch that fails for a passing reason is tried. */
  public static final int DISPATCH_ATTEMPTS = 5;

  /**
   * How long the check at an experiment's end may take: two thirds of its stop timeout, which
   * bounds all that systemd does then, so that a check that hangs is killed well before that.
   */
  public static Duration ofCheck(Spec spec) {
    return spec.stopTimeout()
        .orElse(InstanceSpec.TEMPLATE_STOP_TIMEOUT)
        .multipliedBy(2)
        .dividedBy(3);
  }

  public Limits {
    if (slots < 1 || totalRamBytes < 1 || defaultRamBytes < 1) {
      throw new IllegalArgumentException("slots and memory must be positive");
    }
  }
}
