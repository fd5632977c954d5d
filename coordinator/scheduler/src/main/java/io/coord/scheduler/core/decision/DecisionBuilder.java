package io.coord.scheduler.core.decision;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.GroupState;
import io.coord.persistence.Phase;
import io.coord.persistence.RunEnd;
import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.ParsedSpecs;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.StateUpdate;
import io.coord.scheduler.core.state.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A decision in the making. */
public final class DecisionBuilder {
  public final State state;
  public final Instant now;
  public final Duration uptime;
  private final List<Change> changes = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private final TreeMap<String, Experiment> latest = new TreeMap<>();
  private final TreeMap<String, GroupState> groups = new TreeMap<>();
  private final TreeMap<String, String> crashes = new TreeMap<>();
  private final TreeMap<String, Optional<ExperimentState>> ends = new TreeMap<>();
  private final TreeMap<String, Spec> experimentSpecs = new TreeMap<>();
  private final TreeMap<String, Spec> scheduleSpecs = new TreeMap<>();
  public RuntimeState runtime;

  public DecisionBuilder(State state, Timestamps now) {
    this.state = state;
    this.now = now.wall();
    this.uptime = now.uptime();
    this.runtime = state.runtime();
  }

  /** Notes a change, and gives the experiment as it is after it. */
  public Experiment change(Experiment experiment, Change.OfExperiment change) {
    changes.add(change);
    Experiment after = experiment.after(change);
    latest.put(after.id(), after);
    if (change instanceof Change.RunEnded ended && ended.end().kind() == RunEnd.Kind.CRASH) {
      crashes.put(ended.id(), ended.end().detail());
    }
    return after;
  }

  /** Puts a new experiment into the queue. */
  public void enqueue(Experiment experiment, Spec spec) {
    experimentSpecs.put(experiment.id(), spec);
    change(experiment, new Change.Enqueued(experiment));
  }

  /** Sets a new schedule. */
  public void schedule(Schedule schedule, Spec spec) {
    scheduleSpecs.put(schedule.id(), spec);
    change(new Change.ScheduleSet(schedule));
  }

  /** The spec of an experiment that has not ended; empty if this version cannot read it. */
  public Optional<Spec> spec(String id) {
    return Optional.ofNullable(experimentSpecs.get(id)).or(() -> state.spec(id));
  }

  /** An experiment as it is after this draft. */
  public Experiment latest(Experiment before) {
    return latest.getOrDefault(before.id(), before);
  }

  /** The sequence of the next experiment. */
  public long nextSequence() {
    return state.lastSequence() + 1 + enqueued();
  }

  /** The first sequence from the next on whose name nobody has chosen. */
  public long freeSequence() {
    long sequence = nextSequence();
    while (state.find("exp-" + sequence).isPresent()) {
      sequence++;
    }
    return sequence;
  }

  /** Notes how experiments ended that others are to wait for. */
  public void ends(SortedMap<String, Optional<ExperimentState>> known) {
    ends.putAll(known);
  }

  /** The experiments that are enqueued in this draft. */
  public Stream<Experiment> enqueuedNow() {
    return changes.stream()
        .filter(Change.Enqueued.class::isInstance)
        .map(change -> ((Change.Enqueued) change).experiment());
  }

  private long enqueued() {
    return enqueuedNow().count();
  }

  /** Notes a change that is about no experiment. */
  public void change(Change change) {
    changes.add(change);
  }

  /** A group as it is after this draft. */
  public GroupState group(String name) {
    GroupState group = groups.get(name);
    return group == null ? state.group(name) : group;
  }

  /** Notes how a group stands from now on. */
  public void group(GroupState group) {
    groups.put(group.name(), group);
    changes.add(Breaker.stored(group));
  }

  public void bootSeen(String bootId) {
    changes.add(new Change.BootSeen(bootId, now));
  }

  public Experiment move(Experiment experiment, Phase to, String reason) {
    return move(experiment, to, experiment.status().resumesFirst(), reason);
  }

  private Experiment move(Experiment experiment, Phase to, boolean resumesFirst, String reason) {
    return change(
        experiment,
        new Change.Moved(experiment.id(), experiment.phase(), to, resumesFirst, now, reason));
  }

  /** Back to the queue, before all that were never interrupted; its unit is let go. */
  public Experiment requeue(Experiment experiment, String reason) {
    effects.add(new Effect.ReleaseUnit(experiment.id()));
    return move(experiment, new Phase.Queued(), true, reason);
  }

  /** Done for good; its unit is let go. */
  public Experiment end(Experiment experiment, ExperimentState ended, String reason) {
    effects.add(new Effect.ReleaseUnit(experiment.id()));
    runtime =
        runtime
            .withFailedDispatches(experiment.id(), 0)
            .withKilled(experiment.id(), Optional.empty());
    if (ended == ExperimentState.COMPLETED) {
      Breaker.lived(this, experiment);
    } else if (ended == ExperimentState.FAILED) {
      Optional.ofNullable(crashes.get(experiment.id()))
          .or(() -> state.lastCrash(experiment.id()))
          .ifPresent(detail -> Breaker.died(this, experiment, detail));
    }
    return move(experiment, new Phase.Ended(ended), reason);
  }

  /**
   * Back to the queue after a dispatch that came to nothing; for good if it would fail again, or
   * did so often enough.
   */
  public void dispatchFailed(Experiment experiment, String why, boolean lasting) {
    int failures = runtime.failedDispatches().getOrDefault(experiment.id(), 0) + 1;
    if (lasting || failures >= Limits.DISPATCH_ATTEMPTS) {
      end(
          experiment,
          ExperimentState.FAILED,
          lasting ? why : why + "; tried " + failures + " times");
      return;
    }
    requeue(experiment, why + "; it is tried again at the next health check");
    runtime = runtime.withFailedDispatches(experiment.id(), failures).withDispatchPaused(true);
  }

  /** Waits for an operator; its unit is let go. */
  public Experiment hold(Experiment experiment, String why) {
    effects.add(new Effect.ReleaseUnit(experiment.id()));
    return move(experiment, new Phase.Held(), why);
  }

  /** Asks for the unit to be stopped; the experiment reaches {@code goal} when it is down. */
  public Experiment stop(Experiment experiment, ExperimentState goal, String why) {
    return stop(experiment, goal, why, experiment.phase().openRun());
  }

  /** The same, where it is known better than by the phase which run has not ended. */
  public Experiment stop(
      Experiment experiment, ExperimentState goal, String why, Optional<String> openRun) {
    effects.add(new Effect.Stop(experiment.id()));
    return move(experiment, new Phase.Stopping(goal, why, openRun), why);
  }

  public void look(Experiment experiment) {
    effects.add(lookAt(experiment));
  }

  /** Asks for a look at all that hold a slot, and at what is left of others. */
  public void resync() {
    effects.add(new Effect.Resync(state.active().stream().map(this::lookAt).toList()));
  }

  private Effect.Observe lookAt(Experiment experiment) {
    return new Effect.Observe(experiment, state.spec(experiment.id()));
  }

  public void effect(Effect effect) {
    effects.add(effect);
  }

  public void reply(long ticket, Answer answer) {
    effects.add(new Effect.Reply(ticket, answer));
  }

  public Decision decision() {
    return new Decision(
        new StateUpdate(changes, runtime, ends, new ParsedSpecs(experimentSpecs, scheduleSpecs)),
        effects);
  }
}
