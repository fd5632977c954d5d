package io.coord.scheduler.core.state;

import io.coord.thermal.CoolingMeans;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * The cap of the GPU's clock, in percent of the clock without it.
 *
 * @param inForce what was read back, 100 for no cap; empty if there is no clock that can be capped,
 *     or before it was read
 * @param busy whether the GPU works
 * @param asked the number of the last cap that was requested; 0 before the first
 * @param askedPercent that cap
 * @param askedAt the uptime of that request
 * @param carriedOut the number of the last one that had been carried out when it was read
 * @param failures how many in a row were not in force afterwards
 */
public record GpuCap(
    OptionalInt inForce,
    boolean busy,
    long asked,
    int askedPercent,
    Duration askedAt,
    long carriedOut,
    int failures) {

  /** After so many, it counts as one that cannot be set. */
  private static final int MAX_FAILURES = 3;

  private static final int ROUNDING = 3;

  /** Before it was read. */
  public static final GpuCap UNKNOWN =
      new GpuCap(OptionalInt.empty(), false, 0, 100, Duration.ZERO, 0, 0);

  /** After another cap was requested. */
  public GpuCap withAsked(int percent, Duration uptime) {
    return new GpuCap(inForce, busy, asked + 1, percent, uptime, carriedOut, failures);
  }

  /**
   * After it was read.
   *
   * @param lastCarriedOut the number of the last cap that had been carried out before
   */
  public GpuCap seen(OptionalInt percent, boolean works, long lastCarriedOut) {
    int failed = failures;
    if (percent.isPresent() && matches(percent.getAsInt(), askedPercent)) {
      failed = 0;
    } else if (lastCarriedOut > carriedOut) {
      failed++;
    }
    return new GpuCap(percent, works, asked, askedPercent, askedAt, lastCarriedOut, failed);
  }

  /** Whether a cap was requested last, and is in force. */
  public boolean isInForce(int percent) {
    return inForce.isPresent() && askedPercent == percent && matches(inForce.getAsInt(), percent);
  }

  /** The kernel rounds to a clock that the GPU has, down or up. */
  private static boolean matches(int read, int wanted) {
    return wanted == 100 ? read == 100 : read <= wanted + ROUNDING;
  }

  /** Whether a request still waits, and may change what is in force. */
  public boolean isPending() {
    return carriedOut < asked;
  }

  /** Whether it was requested several times and never was in force. */
  public boolean isIneffective() {
    return failures >= MAX_FAILURES;
  }

  /** What it would do. */
  public CoolingMeans.GpuClock means() {
    if (inForce.isEmpty() || isIneffective()) {
      return CoolingMeans.GpuClock.FIXED;
    }
    return busy ? CoolingMeans.GpuClock.BUSY : CoolingMeans.GpuClock.IDLE;
  }
}
