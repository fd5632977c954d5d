package io.coord.scheduler.sim.oracle;

import java.time.Duration;
import java.util.SortedMap;

/** What the machine has, and what its operator set. */
public record Machine(int slots, long ramBytes, SortedMap<String, Integer> groupSlots, Heat heat) {

  /**
   * When it is too hot, in thousandths of a degree.
   *
   * @param throttle nothing starts from here on
   * @param critical everything is stopped from here on
   * @param hysteresis how far below these it must be to be cool again
   * @param dwell for how long it must be that cool
   * @param emergencyStop within which all must be stopped
   */
  public record Heat(
      int throttle, int critical, int hysteresis, Duration dwell, Duration emergencyStop) {}
}
