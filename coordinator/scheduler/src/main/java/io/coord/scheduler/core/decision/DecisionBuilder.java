package io.coord.scheduler.core.decision;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.Requirements;
import io.coord.persistence.RunEnd;
import io.coord.persistence.Schedule;
import io.coord.runner.CommandFingerprint;
import io.coord.runner.Durations;
import io.coord.runner.Spec;
import io.coord.scheduler.core.admission.Breaker;
import io.coord.scheduler.core.event.Event.DispatchFailed.Fault;
import io.coord.scheduler.core.state.DispatchState;
import io.coord.scheduler.core.state.DispatchState.Retry;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.ParsedSpecs;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.StateUpdate;
import io.coord.scheduler.core.state.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Collects the changes and effects of one decision. The state itself is only read. */
public final class DecisionBuilder {
  private final State state;
  private final Timestamps now;
  private final List<Change> changes = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private final TreeMap<String, Experiment> latest = new TreeMap<>();
  private final TreeMap<BreakerState.Key, BreakerState> breakers = new TreeMap<>();
  private final TreeMap<String, String> crashes = new TreeMap<>();
  private final TreeMap<String, Optional<ExperimentState>> ends = new TreeMap<>();
  private final TreeMap<String, Spec> experimentSpecs = new TreeMap<>();
  private final TreeMap<String, Spec> scheduleSpecs = new TreeMap<>();
  private RuntimeState runtime;

  public DecisionBuilder(State state, Timestamps now) {
    this.state = state;
    this.now = now;
    this.runtime = state.runtime();
  }

  /** The state before this decision. */
  public State state() {
    return state;
  }

  /** The wall clock's time of this decision. */
  public Instant now() {
    return now.wall();
  }

  /** The uptime of this decision. */
  public Duration uptime() {
    return now.uptime();
  }

  /** Both times of this decision. */
  public Timestamps timestamps() {
    return now;
  }

  /** The runtime state after this decision, as far as it is built. */
  public RuntimeState runtime() {
    return runtime;
  }

  /** Sets the runtime state after this decision. */
  public void runtime(RuntimeState after) {
    runtime = after;
  }

  /** The decision as built. */
  public Decision decision() {
    return new Decision(
        new StateUpdate(changes, runtime, ends, new ParsedSpecs(experimentSpecs, scheduleSpecs)),
        effects);
  }

  // --- changes

  /** Adds a change that concerns no single experiment. */
  public void change(Change change) {
    changes.add(change);
  }

  /** Adds a change of an experiment, and returns the experiment after it. */
  public Experiment change(Experiment experiment, Change.OfExperiment change) {
    changes.add(change);
    Experiment after = experiment.after(change);
    latest.put(after.id(), after);
    if (change instanceof Change.RunEnded ended && ended.end().kind() == RunEnd.Kind.CRASH) {
      crashes.put(ended.id(), ended.end().detail());
    }
    return after;
  }

  /** Enqueues a new experiment. */
  public void enqueue(Experiment experiment, String specText, Spec spec) {
    experimentSpecs.put(experiment.id(), spec);
    change(experiment, new Change.Enqueued(experiment, specText));
  }

  /** Adds an experiment that was enqueued before and that the ledger has lost. */
  public void takeOver(Experiment experiment, String specText, Spec spec) {
    experimentSpecs.put(experiment.id(), spec);
    change(experiment, new Change.Enqueued(experiment, specText, true));
  }

  /** Keeps the spec of an experiment at hand from now on, because it starts. */
  public void keep(Experiment experiment, Spec spec) {
    experimentSpecs.put(experiment.id(), spec);
  }

  /** Adds a new schedule. */
  public void schedule(Schedule schedule, Spec spec) {
    scheduleSpecs.put(schedule.id(), spec);
    change(new Change.ScheduleSet(schedule));
  }

  /** The spec of an experiment that has not ended; empty if this version cannot read it. */
  public Optional<Spec> spec(String id) {
    return Optional.ofNullable(experimentSpecs.get(id)).or(() -> state.spec(id));
  }

  /** An experiment after this decision, as far as it is built. */
  public Experiment latest(Experiment before) {
    return latest.getOrDefault(before.id(), before);
  }

  /** The experiments that this decision enqueues. */
  public Stream<Experiment> enqueued() {
    return changes.stream()
        .filter(Change.Enqueued.class::isInstance)
        .map(change -> ((Change.Enqueued) change).experiment());
  }

  /** The sequence of the next experiment. */
  public long nextSequence() {
    return state.lastSequence() + 1 + enqueued().count();
  }

  /** The next sequence for which the default id is free. */
  public long freeSequence() {
    long sequence = nextSequence();
    while (state.find("exp-" + sequence).isPresent()) {
      sequence++;
    }
    return sequence;
  }

  /** Adds how experiments ended that those enqueued now depend on. */
  public void ends(SortedMap<String, Optional<ExperimentState>> known) {
    ends.putAll(known);
  }

  /** Moves an experiment to another phase. One that runs again does not go before others twice. */
  public Experiment move(Experiment experiment, Phase to, String reason) {
    boolean resumesFirst = experiment.status().resumesFirst() && !(to instanceof Phase.Running);
    return move(experiment, to, resumesFirst, reason);
  }

  private Experiment move(Experiment experiment, Phase to, boolean resumesFirst, String reason) {
    return change(
        experiment,
        new Change.Moved(experiment.id(), experiment.phase(), to, resumesFirst, now(), reason));
  }

  /** Requeues an experiment before all that were never interrupted, and releases its unit. */
  public Experiment requeue(Experiment experiment, String reason) {
    effects.add(new Effect.ReleaseUnit(experiment.id()));
    return move(experiment, new Phase.Queued(), true, reason);
  }

  /** Holds an experiment until an operator releases it, and releases its unit. */
  public Experiment hold(Experiment experiment, String why) {
    effects.add(new Effect.ReleaseUnit(experiment.id()));
    return move(experiment, new Phase.Held(), why);
  }

  /**
   * Lets the claim of success of the last run wait until its evidence can be read, and releases the
   * unit.
   */
  public Experiment verifyLater(Experiment experiment, Phase.Verifying claim, String reason) {
    effects.add(new Effect.ReleaseUnit(experiment.id()));
    return move(experiment, claim, reason);
  }

  /** Ends an experiment in a final state, and releases its unit. */
  public Experiment end(Experiment experiment, ExperimentState ended, String reason) {
    effects.add(new Effect.ReleaseUnit(experiment.id()));
    runtime =
        runtime
            .withRetry(experiment.id(), Optional.empty())
            .withKilled(experiment.id(), Optional.empty())
            .withVerification(experiment.id(), Optional.empty());
    if (ended == ExperimentState.COMPLETED) {
      commandSurvived(experiment);
    } else if (ended == ExperimentState.FAILED) {
      Optional.ofNullable(crashes.get(experiment.id()))
          .or(() -> state.lastCrash(experiment.id()))
          .ifPresent(detail -> commandFailed(experiment, detail));
    }
    return move(experiment, new Phase.Ended(ended), reason);
  }

  /**
   * Puts an experiment back after a failed dispatch, where it was in the queue; ends it if the
   * dispatch would fail again, and holds it if the service manager refused it too often.
   */
  public void dispatchFailed(Experiment experiment, String why, Fault fault) {
    if (fault == Fault.LASTING) {
      end(experiment, ExperimentState.FAILED, why);
      return;
    }
    String id = experiment.id();
    Retry retry =
        Retry.after(Optional.ofNullable(runtime.dispatch().retries().get(id)), uptime(), why);
    if (fault == Fault.REFUSED && retry.failures() >= Limits.DISPATCH_ATTEMPTS) {
      runtime = runtime.withRetry(id, Optional.empty());
      hold(
          experiment,
          why
              + "; tried "
              + retry.failures()
              + " times; continue with 'coord release', end with 'coord stop'");
      return;
    }
    runtime = runtime.withRetry(id, Optional.of(retry));
    if (fault == Fault.PASSING_FOR_PLACE) {
      DispatchState.placeOf(experiment)
          .ifPresent(
              place ->
                  runtime =
                      runtime.withPlace(
                          place,
                          Optional.of(
                              Retry.after(
                                  Optional.ofNullable(runtime.dispatch().places().get(place)),
                                  uptime(),
                                  why))));
    }
    effects.add(new Effect.ReleaseUnit(id));
    move(
        experiment,
        new Phase.Queued(),
        why + "; retried in " + Durations.brief(retry.from().minus(uptime())));
  }

  /** A run of the experiment was started: whatever its dispatch waited for is there. */
  public void dispatchSucceeded(Experiment experiment) {
    runtime = runtime.withRetry(experiment.id(), Optional.empty());
    DispatchState.placeOf(experiment)
        .ifPresent(place -> runtime = runtime.withPlace(place, Optional.empty()));
  }

  /** Asks for the unit to be stopped; the experiment reaches {@code goal} when it is down. */
  public Experiment stop(Experiment experiment, ExperimentState goal, String why) {
    return stop(experiment, goal, why, experiment.phase().openRun());
  }

  /**
   * The same, where it is known better than from the phase which run has not ended.
   *
   * @param openRun the run that has not ended
   */
  public Experiment stop(
      Experiment experiment, ExperimentState goal, String why, Optional<String> openRun) {
    effects.add(new Effect.Stop(experiment.id()));
    return move(experiment, new Phase.Stopping(goal, why, openRun), why);
  }

  // --- breakers

  /** An experiment got past the point at which early failures happen: its command is released. */
  public void commandSurvived(Experiment experiment) {
    if (breakers.isEmpty() && state.breakers().all().isEmpty()) {
      return;
    }
    state.breakers().key(experiment).filter(key -> !breaker(key).isClosed()).ifPresent(this::close);
  }

  private void commandFailed(Experiment experiment, String detail) {
    Optional<BreakerState.Key> key = state.breakers().key(experiment);
    Optional<Requirements> requirements = experiment.submission().requirements();
    if (key.isEmpty() || requirements.isEmpty()) {
      return;
    }
    if (!Breaker.isEarly(experiment)) {
      commandSurvived(experiment);
      return;
    }
    BreakerState before = breaker(key.get());
    if (before.isClosed()) {
      makeRoom(key.get().owner());
    }
    BreakerState after =
        Breaker.afterEarlyFailure(
            before,
            experiment,
            detail,
            CommandFingerprint.hex(requirements.get().digests().task()),
            now());
    set(after);
    if (after.held()) {
      canary(after.key(), uptime().plus(Breaker.CANARY_DELAY), Optional.empty());
    }
  }

  /** An owner with very many failing commands: one that is not held is forgotten before another. */
  private void makeRoom(String owner) {
    List<BreakerState> owned =
        state.breakers().all().stream()
            .filter(breaker -> breaker.key().owner().equals(owner))
            .filter(breaker -> !breaker(breaker.key()).isClosed())
            .sorted(Comparator.comparing(BreakerState::held).thenComparingInt(BreakerState::streak))
            .toList();
    owned.stream()
        .limit(Math.max(0, owned.size() - Breaker.MAX_PER_OWNER + 1))
        .forEach(breaker -> close(breaker.key()));
  }

  /** Has one experiment of a held breaker tried, from an uptime on. */
  public void canary(BreakerState.Key key, Duration from, Optional<String> experiment) {
    runtime = runtime.withCanary(key, Optional.of(new RuntimeState.Canary(from, experiment)));
  }

  private void close(BreakerState.Key key) {
    set(BreakerState.closed(key));
    runtime = runtime.withCanary(key, Optional.empty());
  }

  private BreakerState breaker(BreakerState.Key key) {
    BreakerState breaker = breakers.get(key);
    return breaker == null ? state.breakers().of(key) : breaker;
  }

  private void set(BreakerState breaker) {
    breakers.put(breaker.key(), breaker);
    changes.add(new Change.BreakerSet(breaker));
  }

  // --- effects

  /** Adds an effect. */
  public void effect(Effect effect) {
    effects.add(effect);
  }

  /** Asks for an observation of the experiment's unit and exit records. */
  public void observe(Experiment experiment) {
    effects.add(observation(experiment));
  }

  /** Asks for an observation of all active experiments and of what is left of others. */
  public void resync() {
    effects.add(new Effect.Resync(state.active().stream().map(this::observation).toList()));
  }

  private Effect.Observe observation(Experiment experiment) {
    return new Effect.Observe(experiment, state.spec(experiment.id()));
  }

  /** Replies to a caller. */
  public void reply(long ticket, RequestOutcome answer) {
    effects.add(new Effect.Reply(ticket, answer));
  }

  /** Refuses a caller's request. */
  public void refuse(long ticket, Refusal.Code code, String why) {
    reply(ticket, new RequestOutcome.Refused(new Refusal(code, why)));
  }
}
