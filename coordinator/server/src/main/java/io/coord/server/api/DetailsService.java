package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.persistence.Run;
import io.coord.runner.CommandFingerprint;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import java.util.List;
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
    // Not in the loop's thread: its runner's notes are files, and may take a second to read.
    return lookup.find(id).thenApplyAsync(found -> found.map(one -> details(one, limit)));
  }

  private Details details(StatusSummary.Shown shown, int limit) {
    Experiment experiment = shown.experiment();
    List<Run> runs = ledger.lastRuns(experiment.id(), limit);
    Optional<Spec> spec = ledger.spec(experiment.id()).flatMap(requests::stored);
    return new Details(
        shown,
        runs,
        machine.measured(runs),
        ledger.lastTransitions(experiment.id(), limit),
        logs.locate(experiment.id()),
        spec.flatMap(readable -> facts(experiment, readable)),
        spec.map(Spec::task).map(CommandFingerprint::of));
  }

  private Optional<RunnerFacts> facts(Experiment experiment, Spec spec) {
    return launching
        .runner()
        .facts(spec, launching.directories().of(experiment.id()), experiment.submission().owner());
  }
}
