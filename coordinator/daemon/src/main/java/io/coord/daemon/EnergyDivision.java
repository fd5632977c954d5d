package io.coord.daemon;

import io.coord.persistence.RunMeasurements;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the energy of the board is divided among the runs that share it: all of it, also what the
 * board draws when nothing runs, in proportion to their CPU time.
 *
 * @param byCpuTime or into equal parts
 * @param parts from 0 to 1, by invocation; their sum is 1
 */
record EnergyDivision(boolean byCpuTime, SortedMap<String, Double> parts) {

  /**
   * Less CPU time than that of all runs together, as a part of one core, says nothing about who
   * uses the board: they wait, or work on the GPU.
   */
  private static final double LEAST_USE = 0.01;

  /**
   * @param cpuSeconds of each run, one or more; empty if it is not known
   * @param lasted the time in which they were used
   */
  static EnergyDivision of(SortedMap<String, OptionalDouble> cpuSeconds, Duration lasted) {
    double all = cpuSeconds.values().stream().mapToDouble(used -> used.orElse(0)).sum();
    boolean byCpuTime =
        cpuSeconds.values().stream().allMatch(OptionalDouble::isPresent)
            && all >= LEAST_USE * lasted.toNanos() / 1e9;
    SortedMap<String, Double> parts = new TreeMap<>();
    for (Map.Entry<String, OptionalDouble> run : cpuSeconds.entrySet()) {
      double part = byCpuTime ? run.getValue().orElse(0) / all : 1.0 / cpuSeconds.size();
      parts.put(run.getKey(), part);
    }
    return new EnergyDivision(byCpuTime, parts);
  }

  /** Under which name the part of a run is kept. */
  String nameOf(String invocation) {
    return byCpuTime
        ? RunMeasurements.dividedByCpuTime(invocation)
        : RunMeasurements.dividedEqually(invocation);
  }
}
