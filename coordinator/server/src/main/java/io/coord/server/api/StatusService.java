package io.coord.server.api;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.admission.MemoryReservation;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.loop.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The overall status, the list of experiments, and their ends. */
public final class StatusService {

  /** How many experiments that have ended a list shows. */
  public static final int ENDED_SHOWN = 20;

  /** The most experiments that have not ended in one answer. */
  public static final int MOST_LISTED = 1000;

  /** How many reasons are found in one turn of the loop. */
  private static final int AT_ONCE = 100;

  private final Loop loop;
  private final Decider decider;
  private final Supplier<Timestamps> clock;
  private final ExperimentLookup lookup;
  private final Ledger ledger;
  private final Limits limits;
  private final Telemetry telemetry;

  StatusService(Coordinator.Engine engine, ExperimentLookup lookup, Telemetry telemetry) {
    this.loop = engine.loop();
    this.decider = engine.decider();
    this.clock = engine.clock();
    this.lookup = lookup;
    this.ledger = engine.ledger();
    this.limits = engine.limits();
    this.telemetry = telemetry;
  }

  /** The overall status now. */
  public CompletableFuture<StatusSummary> overview() {
    return loop.ask(this::summary);
  }

  private StatusSummary summary(State state) {
    return new StatusSummary(
        new StatusSummary.Slots(limits.capacity().slots(), state.active().size()),
        new StatusSummary.Memory(
            limits.capacity().ramBytes(),
            state.active().stream().mapToLong(e -> e.submission().ramBytes()).sum()),
        state.runtime().thermalState(),
        new StatusSummary.Sensors(
            telemetry.zones(), telemetry.zonesAge(), telemetry.zoneProblems()),
        new StatusSummary.Problems(
            state.runtime().manager().problem(),
            LedgerDamage.of(ledger).orElse(""),
            state
                .runtime()
                .diskShortage()
                .map(shortage -> shortage.sentence() + "; nothing is enqueued")
                .orElse("")),
        new StatusSummary.Queue(
            state.counts(),
            state.draining(),
            state.runtime().manager().unmanaged(),
            heldCommands(state),
            decider.reservation(state, clock.get()).map(MemoryReservation::head)));
  }

  private static List<StatusSummary.HeldCommand> heldCommands(State state) {
    TreeMap<BreakerState.Key, List<Experiment>> waiting = new TreeMap<>();
    state.breakers().all().stream()
        .filter(BreakerState::held)
        .forEach(breaker -> waiting.put(breaker.key(), new ArrayList<>()));
    waiting.forEach((key, some) -> state.queue().of(key).forEach(some::add));
    return waiting.entrySet().stream()
        .map(
            entry ->
                new StatusSummary.HeldCommand(
                    state.breakers().of(entry.getKey()),
                    entry.getValue().size(),
                    entry.getValue().stream().findFirst().map(Experiment::id),
                    entry.getValue().stream().map(State::groupOf).distinct().sorted().toList()))
        .toList();
  }

  /**
   * Those that have not ended: first those that hold a slot, then those that wait in the order in
   * which they will be considered, then the others; after them those that ended last, the latest
   * first.
   *
   * @param limit the most that have not ended; the rest is only counted
   */
  public CompletableFuture<StatusSummary.Listed> list(int limit) {
    return loop.ask(state -> unfinished(state, limit))
        .thenCompose(
            unfinished ->
                shown(unfinished.experiments())
                    .thenApply(shown -> new StatusSummary.Listed(shown, unfinished.leftOut())))
        .thenApply(
            unfinished -> {
              List<StatusSummary.Shown> all = new ArrayList<>(unfinished.experiments());
              try {
                for (Experiment experiment : ledger.ended(ENDED_SHOWN)) {
                  all.add(new StatusSummary.Shown(experiment, experiment.status().reason()));
                }
              } catch (LedgerException e) {
                // What has not ended is shown all the same; the overview reports the damage.
              }
              return new StatusSummary.Listed(all, unfinished.leftOut());
            });
  }

  /** The first in the order of a list, and how many more there are. */
  private record Unfinished(List<Experiment> experiments, int leftOut) {}

  private static Unfinished unfinished(State state, int limit) {
    List<Experiment> first =
        Stream.of(
                state.active().stream(),
                state.waiting().stream(),
                state.queue().held().stream(),
                state.cooling().stream(),
                state.verifying().stream())
            .flatMap(Function.identity())
            .limit(limit)
            .toList();
    return new Unfinished(first, state.experiments().size() - first.size());
  }

  /** With their reasons, some at a time: the loop must not be kept from its other work. */
  private CompletableFuture<List<StatusSummary.Shown>> shown(List<Experiment> experiments) {
    CompletableFuture<List<StatusSummary.Shown>> all =
        CompletableFuture.completedFuture(new ArrayList<>());
    for (int from = 0; from < experiments.size(); from += AT_ONCE) {
      List<Experiment> some =
          experiments.subList(from, Math.min(from + AT_ONCE, experiments.size()));
      all =
          all.thenCompose(
              list ->
                  loop.ask(
                      state -> {
                        list.addAll(lookup.shown(state, some));
                        return list;
                      }));
    }
    return all;
  }

  /** What an experiment waits for now, if only a person can end the wait; empty if not. */
  public CompletableFuture<Optional<String>> awaitsPerson(String id) {
    return lookup.awaitsPerson(id);
  }

  /** Those of the ids that were never used. */
  public CompletableFuture<List<String>> unknown(List<String> ids) {
    return loop.ask(state -> ids.stream().filter(id -> state.find(id).isEmpty()).toList())
        .thenApply(
            ended -> ended.stream().distinct().filter(id -> ledger.find(id).isEmpty()).toList());
  }

  /**
   * The refusal for an id that was never used, with the nearest known id.
   *
   * @param action what was asked for, after "cannot"
   */
  public Refusal unknown(String action, String id) {
    return lookup.unknown(action, id);
  }

  /** Completes when the experiment has ended; empty for an unknown id. */
  public CompletableFuture<Optional<Experiment>> whenEnded(String id) {
    CompletableFuture<Optional<Experiment>> ended = new CompletableFuture<>();
    // Listen first, look then: an end between the two must not be missed.
    Runnable unlisten =
        loop.listen(
            moved -> {
              if (moved.id().equals(id) && moved.to().state().isFinal()) {
                // In the loop's thread, which a ledger that cannot be read must not end.
                try {
                  ended.complete(ledger.find(id));
                } catch (LedgerException e) {
                  ended.completeExceptionally(e);
                }
              }
            });
    ended.whenComplete((experiment, problem) -> unlisten.run());
    lookup
        .find(id)
        .whenComplete(
            (found, problem) -> {
              if (problem != null) {
                ended.completeExceptionally(problem);
              } else if (found.isEmpty() || found.get().experiment().state().isFinal()) {
                ended.complete(found.map(StatusSummary.Shown::experiment));
              }
            });
    return ended;
  }
}
