package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.persistence.Run;
import io.coord.persistence.RunMeasurements;
import io.coord.persistence.Transition;
import io.coord.runner.CommandFingerprint;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Everything about one experiment. */
public final class DetailsService {
  /** The most runs and transitions in one answer: some experiments have tens of thousands. */
  public static final int MOST_SHOWN = 1000;

  private final ExperimentLookup lookup;
  private final Ledger ledger;
  private final RequestReader requests;
  private final Coordinator.Launching launching;
  private final LogService logs;
  private final MachineStatus machine;

  DetailsService(
      ExperimentLookup lookup,
      Ledger ledger,
      RequestReader requests,
      Coordinator.Launching launching,
      LogService logs,
      MachineStatus machine) {
    this.lookup = lookup;
    this.ledger = ledger;
    this.requests = requests;
    this.launching = launching;
    this.logs = logs;
    this.machine = machine;
  }

  /**
   * The experiment with this id, also after its end; empty if the id was never used.
   *
   * @param limit the most runs and transitions, of which the latest are returned
   */
  public CompletableFuture<Optional<Details>> of(String id, int limit) {
    // Not in the loop's thread: the history is in files.
    return lookup
        .find(id)
        .thenComposeAsync(
            found ->
                found
                    .map(one -> details(one, limit).thenApply(Optional::of))
                    .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty())));
  }

  private CompletableFuture<Details> details(StatusSummary.Shown shown, int limit) {
    Experiment experiment = shown.experiment();
    List<Run> runs = ledger.lastRuns(experiment.id(), limit);
    Optional<Spec> spec = ledger.spec(experiment.id()).flatMap(requests::stored);
    Map<String, RunMeasurements> measured = machine.measured(runs);
    List<Transition> transitions = ledger.lastTransitions(experiment.id(), limit);
    OutputLocation output = logs.locate(experiment.id());
    // The notes of its runner may be in a folder that hangs; no thread of others waits for that.
    return facts(experiment, spec)
        .thenApply(
            facts ->
                new Details(
                    shown,
                    runs,
                    measured,
                    transitions,
                    output,
                    facts,
                    spec.map(Spec::task).map(CommandFingerprint::of)));
  }

  private CompletableFuture<Optional<RunnerFacts>> facts(
      Experiment experiment, Optional<Spec> spec) {
    return spec.isEmpty()
        ? CompletableFuture.completedFuture(Optional.empty())
        : launching
            .runner()
            .facts(
                spec.get(),
                launching.directories().of(experiment.id()),
                experiment.submission().owner());
  }
}
