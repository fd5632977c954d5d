package io.coord.server.api;

import io.coord.persistence.Run;
import io.coord.persistence.RunMeasurements;
import io.coord.persistence.Transition;
import io.coord.runner.CommandFingerprint;
import io.coord.runner.RunnerFacts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything about one experiment.
 *
 * @param shown the experiment and the reason for its state
 * @param runs its latest runs by number; earlier ones are left out beyond a limit
 * @param measures what was measured of its runs, by invocation, of the time that they shared with
 *     other runs, and of their parts of its energy; without those that were not
 * @param transitions its latest transitions, oldest first
 * @param output where its output goes
 * @param facts what its own runner has recorded of it; empty if there is nothing
 * @param fingerprint of its command; empty if this version cannot read its spec
 */
public record Details(
    StatusSummary.Shown shown,
    List<Run> runs,
    Map<String, RunMeasurements> measures,
    List<Transition> transitions,
    OutputLocation output,
    Optional<RunnerFacts> facts,
    Optional<CommandFingerprint> fingerprint) {

  /** What was measured of the machine during a run; empty if nothing was. */
  public Optional<RunMeasurements> measured(Run run) {
    return Optional.ofNullable(measures.get(run.invocation()));
  }

  /** How much of the board's energy a run drew, if others ran as well; empty if it is not known. */
  public Optional<EnergyEstimate> estimate(Run run) {
    return EnergyEstimate.of(run.invocation(), measures);
  }

  /** For how long other runs were measured together with this one. */
  public Duration shared(Run run) {
    return Optional.ofNullable(measures.get(RunMeasurements.whileShared(run.invocation())))
        .map(RunMeasurements::measured)
        .orElse(Duration.ZERO);
  }
}
