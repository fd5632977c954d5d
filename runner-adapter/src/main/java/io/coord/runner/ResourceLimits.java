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
  /** Below this not even an interpreter starts. */
  public static final long MIN_RAM_BYTES = 16L << 20;

  /** Above any machine that runs this; a typing error beyond it. */
  public static final long MAX_RAM_BYTES = 64L << 40;

  /** A thousand cores. */
  public static final int MAX_CPU_PERCENT = 100_000;

  /** The machine's defaults. */
  public static final ResourceLimits DEFAULT =
      new ResourceLimits(OptionalLong.empty(), OptionalInt.empty());

  static ResourceLimits of(FieldValues values) {
    return new ResourceLimits(values.getLong(RequestField.RAM), values.getInt(RequestField.CPU));
  }
}
