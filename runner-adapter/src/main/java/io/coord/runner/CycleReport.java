package io.coord.runner;

import java.util.OptionalInt;

/**
 * The progress that a runner reports.
 *
 * @param cycle the last finished cycle, 0 to 999,999,999
 * @param of how many there will be, 1 or more and not less than {@code cycle}; empty if it does not
 *     say
 */
public record CycleReport(int cycle, OptionalInt of) {
  public CycleReport {
    if (cycle < 0 || (of.isPresent() && of.getAsInt() < Math.max(1, cycle))) {
      throw new IllegalArgumentException("no progress: cycle " + cycle + " of " + of);
    }
  }
}
