package io.coord.thermal.closedloop;

import java.util.List;

/**
 * What came of one scenario under one policy.
 *
 * @param work done, in seconds of the full load in the highest mode
 * @param peak the highest true temperature, in degrees Celsius
 * @param secondsAboveCritical by the true temperature
 * @param emergencyStops how often all were stopped
 * @param modeChanges how often the power mode was changed
 * @param reversals how often the processor's share turned round by a fifth or more
 * @param powerOffs how often the kernel had to switch the board off
 * @param temperatures the true temperature at each tenth second
 */
record ScenarioOutcome(
    Scenario scenario,
    Policy policy,
    double work,
    double peak,
    long secondsAboveCritical,
    int emergencyStops,
    int modeChanges,
    int reversals,
    int powerOffs,
    List<Double> temperatures) {}
