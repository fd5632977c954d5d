package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.runner.NearestName;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.loop.Loop;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** Finds experiments, whether or not they have ended. */
public final class ExperimentLookup {
  /** Older experiments are less likely to be meant, and each costs a comparison. */
  private static final int IDS_COMPARED = 500;

  private final Loop loop;
  private final Decider decider;
  private final Ledger ledger;
  private final Supplier<Timestamps> clock;

  ExperimentLookup(Loop loop, Decider decider, Ledger ledger, Supplier<Timestamps> clock) {
    this.loop = loop;
    this.decider = decider;
    this.ledger = ledger;
    this.clock = clock;
  }

  /** The experiment with this id; empty if the id was never used. */
  CompletableFuture<Optional<StatusSummary.Shown>> find(String id) {
    return loop.ask(state -> state.find(id).map(experiment -> shown(state, experiment)))
        .thenApply(
            unfinished ->
                unfinished.or(
                    () ->
                        ledger.find(id).map(e -> new StatusSummary.Shown(e, e.status().reason()))));
  }

  private StatusSummary.Shown shown(State state, Experiment experiment) {
    return new StatusSummary.Shown(experiment, decider.why(state, experiment, clock.get()));
  }

  /**
   * Those of the experiments that have not ended, as they are now, with the reasons for their
   * states; in the loop's thread.
   */
  List<StatusSummary.Shown> shown(State state, List<Experiment> experiments) {
    Function<Experiment, String> reasons = decider.reasons(state, clock.get());
    return experiments.stream()
        .flatMap(experiment -> state.find(experiment.id()).stream())
        .map(experiment -> new StatusSummary.Shown(experiment, reasons.apply(experiment)))
        .toList();
  }

  /** What an experiment waits for, if only a person can end the wait. */
  CompletableFuture<Optional<String>> awaitsPerson(String id) {
    return loop.ask(
        state ->
            state
                .find(id)
                .flatMap(experiment -> decider.awaitsPerson(state, experiment, clock.get())));
  }

  /**
   * The refusal for an id that was never used, with the nearest of the latest ids.
   *
   * @param action what was asked for, after "cannot"
   */
  Refusal unknown(String action, String id) {
    String meant =
        NearestName.of(id, ledger.latestIds(IDS_COMPARED))
            .map(known -> "did you mean '" + known + "'?")
            .orElse("see 'coord list'");
    return new Refusal(
        Refusal.Code.UNKNOWN_ID,
        "cannot " + action + " '" + id + "': no such experiment; " + meant);
  }
}
