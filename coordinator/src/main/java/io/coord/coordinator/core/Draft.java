package io.coord.coordinator.core;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A decision in the making. */
final class Draft {
  final State state;
  final Instant now;
  private final List<Change> changes = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  Surroundings surroundings;

  Draft(State state, Instant now) {
    this.state = state;
    this.now = now;
    this.surroundings = state.surroundings();
  }

  /** Notes a change, and gives the experiment as it is after it. */
  Experiment change(Experiment experiment, Change.OfExperiment change) {
    changes.add(change);
    return experiment.after(change);
  }

  void bootSeen(String bootId) {
    changes.add(new Change.BootSeen(bootId, now));
  }

  Experiment move(Experiment experiment, Phase to, String reason) {
    return move(experiment, to, experiment.front(), reason);
  }

  private Experiment move(Experiment experiment, Phase to, boolean front, String reason) {
    return change(
        experiment, new Change.Moved(experiment.id(), experiment.phase(), to, front, now, reason));
  }

  /** Back to the queue, before all that were never interrupted; its unit is let go. */
  Experiment requeue(Experiment experiment, String reason) {
    effects.add(new Effect.Release(experiment.id()));
    return move(experiment, new Phase.Queued(), true, reason);
  }

  /** Done for good; its unit is let go. */
  Experiment end(Experiment experiment, ExperimentState state, String reason) {
    effects.add(new Effect.Release(experiment.id()));
    surroundings = surroundings.withFailedDispatches(experiment.id(), 0);
    return move(experiment, new Phase.Ended(state), reason);
  }

  /**
   * Back to the queue after a dispatch that came to nothing; for good if it would fail again, or
   * did so often enough.
   */
  void dispatchFailed(Experiment experiment, String why, boolean lasting) {
    int failures = surroundings.failedDispatches().getOrDefault(experiment.id(), 0) + 1;
    if (lasting || failures >= Limits.DISPATCH_ATTEMPTS) {
      end(
          experiment,
          ExperimentState.FAILED,
          lasting ? why : why + "; tried " + failures + " times");
      return;
    }
    requeue(experiment, why + "; it is tried again at the next health check");
    surroundings =
        surroundings.withFailedDispatches(experiment.id(), failures).withDispatchPaused(true);
  }

  /** Asks for the unit to be stopped; the experiment reaches {@code goal} when it is down. */
  Experiment stop(Experiment experiment, ExperimentState goal, String why) {
    return stop(experiment, goal, why, experiment.phase().openRun());
  }

  /** The same, where it is known better than by the phase which run has not ended. */
  Experiment stop(
      Experiment experiment, ExperimentState goal, String why, Optional<String> openRun) {
    effects.add(new Effect.Stop(experiment.id()));
    return move(experiment, new Phase.Stopping(goal, why, openRun), why);
  }

  void look(Experiment experiment) {
    effects.add(lookAt(experiment));
  }

  /** Asks for a look at all that hold a slot, and at what is left of others. */
  void survey() {
    effects.add(new Effect.Survey(state.occupying().stream().map(this::lookAt).toList()));
  }

  private Effect.Look lookAt(Experiment experiment) {
    return new Effect.Look(experiment, state.spec(experiment.id()));
  }

  void effect(Effect effect) {
    effects.add(effect);
  }

  void reply(long ticket, Answer answer) {
    effects.add(new Effect.Reply(ticket, answer));
  }

  Decision decision() {
    return new Decision(changes, surroundings, effects);
  }
}
