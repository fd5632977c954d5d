package io.coord.runner;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a runner has noted of an experiment. It is the runner's word, in the user's own file: good
 * for a verdict on that experiment, and for nothing else. A number that the runner does not keep is
 * empty.
 *
 * @param status its word for where the experiment stands, fit for one line
 * @param cycles how many are done
 * @param crashes how many it came through
 * @param selfReports how many questions were answered
 * @param maxCycles how many cycles the runner set out to do
 */
public record RunnerFacts(
    Optional<String> status,
    OptionalInt cycles,
    OptionalInt crashes,
    OptionalInt selfReports,
    OptionalInt maxCycles)
    implements RunnerReport {
  private static final String COMPLETED = "completed";

  /** Whether its status, if it has one, is that of an experiment that is complete. */
  public boolean mayBeComplete() {
    return status.isEmpty() || status.get().equals(COMPLETED);
  }
}
