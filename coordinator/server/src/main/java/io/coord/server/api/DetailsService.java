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

  /** The experiment with this id, also after its end; empty if the id was never used. */
  public CompletableFuture<Optional<Details>> of(String id) {
    // Not in the loop's thread: its runner's notes are files, and may take a second to read.
    return lookup.find(id).thenApplyAsync(found -> found.map(this::details));
  }

  private Details details(StatusSummary.Shown shown) {
    Experiment experiment = shown.experiment();
    List<Run> runs = ledger.runs(experiment.id());
    Optional<Spec> spec = requests.stored(experiment.submission().spec());
    return new Details(
        shown,
        runs,
        machine.measured(runs),
        ledger.transitions(experiment.id()),
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
