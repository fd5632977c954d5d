package io.coord.runner;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How much of the machine one experiment may use, enforced by the kernel. What is empty is the
 * machine's default.
 *
 * @param ramBytes the memory limit
 * @param cpuQuotaPercent the CPU limit; 100 is one core
 */
public record ResourceLimits(OptionalLong ramBytes, OptionalInt cpuQuotaPercent) {
  /** The machine's defaults. */
  public static final ResourceLimits DEFAULT =
      new ResourceLimits(OptionalLong.empty(), OptionalInt.empty());
}
