package io.coord.persistence;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The measurements of the machine during one run. Runs that run at the same time have the same
 * figures: which of them draws how much is not measured, only estimated.
 *
 * @param invocation systemd's InvocationID of the run
 * @param measured how much of the run was measured; less than its duration if the coordinator was
 *     not running all the time
 * @param peakMilliCelsius the highest temperature; empty if none was read
 * @param meanMilliCelsius the mean over the time in which one was read; empty if none was
 * @param joules the energy that the whole board drew in the time in which power was read; empty
 *     where no rail says so
 * @param throttled for how long experiments were throttled
 */
public record RunMeasurements(
    String invocation,
    Duration measured,
    OptionalInt peakMilliCelsius,
    OptionalInt meanMilliCelsius,
    OptionalDouble joules,
    Duration throttled) {

  /**
   * Under which name is measured, beside the run itself, the time in which other runs ran as well.
   */
  public static String whileShared(String invocation) {
    return invocation + "/shared";
  }

  /**
   * Under which name is kept which part of the board's energy is a run's own, of the shared time in
   * which the energy was divided by CPU time.
   */
  public static String dividedByCpuTime(String invocation) {
    return invocation + "/shared/cpu-time";
  }

  /**
   * The same of the shared time in which the energy was divided into equal parts, as the runs used
   * hardly any CPU time, or it is not known.
   */
  public static String dividedEqually(String invocation) {
    return invocation + "/shared/equal-parts";
  }

  /** The measurements of a run with these totals. */
  public static RunMeasurements of(String invocation, MeasurementTotals totals) {
    return new RunMeasurements(
        invocation,
        totals.measured(),
        totals.maxMilliCelsius(),
        totals.meanMilliCelsius(),
        totals.joules(),
        totals.throttled());
  }
}
