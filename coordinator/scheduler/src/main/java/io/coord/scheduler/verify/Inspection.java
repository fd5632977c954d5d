package io.coord.scheduler.verify;

import io.coord.thermal.Heat;
import java.util.List;
import java.util.OptionalInt;

/** Measures an installation, and changes nothing. Any thread may ask; it takes a moment. */
public interface Inspection {

  /**
   * An experiment that holds a slot, and what its runs were to be bounded by.
   *
   * @param cpuPercent of one core
   */
  record Bounded(String id, long memoryBytes, OptionalInt cpuPercent) {}

  /**
   * All that can be measured now. What cannot is among it, with the reason.
   *
   * @param experiments those that hold a slot
   * @param heat as it was seen last
   */
  Installation measure(List<Bounded> experiments, Heat heat);
}
