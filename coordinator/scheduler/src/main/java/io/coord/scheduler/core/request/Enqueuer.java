package io.coord.scheduler.core.request;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Submission;
import io.coord.runner.ByteSize;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.Answer;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.State;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModePlan;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Puts a spec into the queue, for a user or for a schedule. */
public final class Enqueuer {
  private final DecisionBuilder builder;
  private final Limits limits;

  public Enqueuer(DecisionBuilder builder, Limits limits) {
    this.builder = builder;
    this.limits = limits;
  }

  /**
   * Enqueues a spec.
   *
   * @param by a user or a schedule
   * @return the experiment, or why it is refused
   */
  public Answer enqueue(String id, String specText, Spec spec, String owner, String by) {
    Optional<String> refusal = refusal(id, spec);
    if (refusal.isPresent()) {
      return new Answer.Refused(
          Answer.Kind.USER,
          "cannot enqueue '" + id + "': " + refusal.get() + "; nothing was enqueued");
    }
    Experiment experiment =
        Experiment.enqueued(
            id,
            builder.nextSequence(),
            new Submission(
                owner,
                specText,
                spec.priority(),
                ramBytes(spec),
                builder.now(),
                requestedPowerMode(spec).map(RestoredState::stored)),
            "enqueued by " + by);
    builder.enqueue(experiment, spec);
    return new Answer.Done(experiment);
  }

  /**
   * Why a spec cannot be ordered: it depends on an experiment that does not exist. No experiment
   * can depend on a later one, so there are no cycles.
   *
   * @param ended the dependencies that have ended
   */
  public static Optional<String> unknownDependency(
      State state, Spec.Ordering ordering, SortedMap<String, Optional<ExperimentState>> ended) {
    return ordering.dependencies().stream()
        .filter(dependency -> !ended.containsKey(dependency) && state.find(dependency).isEmpty())
        .findFirst()
        .map(dependency -> "dependency '" + dependency + "' does not exist");
  }

  private long ramBytes(Spec spec) {
    return spec.resources().ramBytes().orElse(limits.defaults().ramBytes());
  }

  private Optional<String> refusal(String id, Spec spec) {
    Optional<Experiment> same = builder.state().find(id);
    if (same.isPresent()) {
      return Optional.of("an experiment with that id is " + same.get().state().word());
    }
    if (ramBytes(spec) > limits.capacity().ramBytes()) {
      return Optional.of(
          "requests "
              + ByteSize.format(ramBytes(spec))
              + " of memory, but all experiments together are limited to "
              + ByteSize.format(limits.capacity().ramBytes())
              + " (TOTAL_RAM_LIMIT_GB)");
    }
    return unknownPowerMode(spec).or(() -> takenUniqueKey(spec));
  }

  private Optional<String> takenUniqueKey(Spec spec) {
    Optional<String> key = spec.ordering().uniqueKey();
    if (key.isEmpty()) {
      return Optional.empty();
    }
    // Several schedules may enqueue in one decision; only the first gets the key.
    return Stream.concat(builder.state().experiments().stream(), builder.enqueued())
        .filter(other -> uniqueKey(other).equals(key))
        .findFirst()
        .map(
            other ->
                "unique key '"
                    + key.get()
                    + "' is used by '"
                    + other.id()
                    + "', which is "
                    + other.state().word());
  }

  private Optional<String> uniqueKey(Experiment experiment) {
    return builder.spec(experiment.id()).flatMap(spec -> spec.ordering().uniqueKey());
  }

  /** The power mode that a spec means on this board, with its number and its name. */
  private Optional<CurrentMode> requestedPowerMode(Spec spec) {
    return spec.conditions()
        .powerMode()
        .flatMap(name -> power().modes().flatMap(modes -> modes.find(name)))
        .map(PowerMode::asCurrent);
  }

  private Optional<String> unknownPowerMode(Spec spec) {
    Optional<String> name = spec.conditions().powerMode();
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (power().modes().isEmpty()) {
      return Optional.of("requests power mode '" + name.get() + "', but " + power().problem());
    }
    return PowerModePlan.resolve(power().modes().get(), name.get())
            instanceof PowerModePlan.Unknown unknown
        ? Optional.of(unknown.reason())
        : Optional.empty();
  }

  private PowerState power() {
    return builder.state().runtime().thermalState().power();
  }
}
