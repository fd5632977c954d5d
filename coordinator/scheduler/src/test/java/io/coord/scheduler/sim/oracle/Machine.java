package io.coord.scheduler.sim.oracle;

import java.time.Duration;
import java.util.SortedMap;

/** What the machine has, and what its operator set. */
public record Machine(int slots, long ramBytes, SortedMap<String, Integer> groupSlots, Heat heat) {

  /**
   * When it is too hot, in thousandths of a degree.
   *
   * @param hold what cooling holds; while it is hot, at most one starts in each interval, and only
   *     when it was not above this
   * @param throttle hot from here on
   * @param critical everything is stopped from here on
   * @param hysteresis how far below these it must be to be cool again
   * @param dwell for how long it must be that cool
   * @param emergencyStop within which all must be stopped
   * @param startInterval between two starts while it is hot
   */
  public record Heat(
      int hold,
      int throttle,
      int critical,
      int hysteresis,
      Duration dwell,
      Duration emergencyStop,
      Duration startInterval) {}
}
