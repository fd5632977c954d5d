package io.coord.scheduler.verify;

import io.coord.thermal.Heat;
import java.util.List;
import java.util.OptionalInt;

/** Measures an installation without changing it. For any thread; takes some milliseconds. */
public interface Inspection {

  /**
   * An active experiment, and its requested limits.
   *
   * @param cpuPercent of one core
   */
  record Bounded(String id, long memoryBytes, OptionalInt cpuPercent) {}

  /**
   * Measures everything. What cannot be measured has the reason instead.
   *
   * @param experiments the active experiments
   * @param heat the thermal state that was read last
   */
  Installation measure(List<Bounded> experiments, Heat heat);
}
