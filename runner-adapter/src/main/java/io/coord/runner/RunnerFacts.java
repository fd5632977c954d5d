package io.coord.runner;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a runner has recorded about an experiment. The record is in the user's own file: it counts
 * for the completion of that experiment only. A number that the runner does not keep is empty.
 *
 * @param status its state of the experiment, fit for one line
 * @param cycles how many are done
 * @param crashes how many the experiment survived
 * @param selfReports how many questions were answered
 * @param maxCycles how many cycles the runner plans
 * @param endedAt when it set the status of an experiment that is over, to the second
 */
public record RunnerFacts(
    Optional<String> status,
    OptionalInt cycles,
    OptionalInt crashes,
    OptionalInt selfReports,
    OptionalInt maxCycles,
    Optional<Instant> endedAt)
    implements RunnerReport {
  private static final String COMPLETED = "completed";

  /** Facts without the time of an end. */
  public RunnerFacts(
      Optional<String> status,
      OptionalInt cycles,
      OptionalInt crashes,
      OptionalInt selfReports,
      OptionalInt maxCycles) {
    this(status, cycles, crashes, selfReports, maxCycles, Optional.empty());
  }

  /** Whether its status, if it has one, is that of an experiment that is complete. */
  public boolean mayBeComplete() {
    return status.isEmpty() || status.get().equals(COMPLETED);
  }
}
