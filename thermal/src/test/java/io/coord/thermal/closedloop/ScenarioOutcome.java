package io.coord.thermal.closedloop;

import java.util.List;

/**
 * The outcome of one scenario under one policy.
 *
 * @param work done, in seconds of the full load in the highest mode
 */
record ScenarioOutcome(
    Scenario scenario, Policy policy, double work, Temperatures temperatures, Actions actions) {

  /**
   * The true temperatures.
   *
   * @param peak in degrees Celsius
   * @param secondsAboveCritical how long the critical threshold was exceeded
   * @param course at each tenth second
   */
  record Temperatures(double peak, long secondsAboveCritical, List<Double> course) {}

  /**
   * How often something was done.
   *
   * @param emergencyStops all experiments were stopped
   * @param modeChanges the power mode was changed
   * @param reversals the share of the CPU time changed direction by a fifth or more
   * @param powerOffs the kernel had to switch the board off
   */
  record Actions(int emergencyStops, int modeChanges, int reversals, int powerOffs) {}
}
