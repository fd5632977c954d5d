package io.coord.persistence;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What the machine was like while one run was running. All of it counts for each of the runs that
 * ran at the same time: nobody measures which run drew how much.
 *
 * @param invocation systemd's InvocationID of the run
 * @param measured how much of the run was measured; less than it took if nobody watched for a while
 * @param peakMilliCelsius the highest temperature; empty if none was read
 * @param meanMilliCelsius the mean over the time in which one was read; empty if none was
 * @param joules what the whole board drew in the time in which that was read; empty where no rail
 *     says so
 * @param throttled for how long heat cost it something
 */
public record RunMeasures(
    String invocation,
    Duration measured,
    OptionalInt peakMilliCelsius,
    OptionalInt meanMilliCelsius,
    OptionalDouble joules,
    Duration throttled) {

  /** What was added up for a run. */
  public static RunMeasures of(String invocation, Tally tally) {
    return new RunMeasures(
        invocation,
        tally.measured(),
        tally.highestMilliCelsius(),
        tally.meanMilliCelsius(),
        tally.joules(),
        tally.throttled());
  }
}
