package io.coord.persistence;

import java.time.Duration;

/**
 * An experiment's runs, added up.
 *
 * @param runs how many runs were started
 * @param crashes how many runs ended by themselves without success
 * @param interruptions how many runs were ended by something that is not their fault
 * @param recordsSeen how many exit records of the unit are accounted for
 * @param ran total duration of the ended runs, by a clock that only goes forward
 */
public record RunCounts(int runs, int crashes, int interruptions, int recordsSeen, Duration ran) {

  /** The counts of an experiment that has not run yet. */
  public static final RunCounts NONE = new RunCounts(0, 0, 0, 0, Duration.ZERO);

  /** These counts once the run of this number has started. */
  RunCounts afterStart(int number) {
    return new RunCounts(number, crashes, interruptions, recordsSeen, ran);
  }

  /** These counts once a run has ended. */
  RunCounts afterEnd(Change.RunEnded ended) {
    int crash = ended.end().kind() == RunEnd.Kind.CRASH ? 1 : 0;
    int interruption = ended.end().kind() == RunEnd.Kind.INTERRUPTION ? 1 : 0;
    return new RunCounts(
        runs,
        crashes + crash,
        interruptions + interruption,
        ended.recordsSeen(),
        ran.plus(ended.lasted()));
  }
}
