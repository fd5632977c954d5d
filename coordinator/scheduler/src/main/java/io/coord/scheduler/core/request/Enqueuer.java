package io.coord.scheduler.core.request;

import io.coord.persistence.Experiment;
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
import java.util.stream.Stream;

/** Puts a spec into the queue, for a user or for a schedule. */
public final class Enqueuer {
  private final Limits limits;

  /**
   * @param limits what the operator set
   */
  public Enqueuer(Limits limits) {
    this.limits = limits;
  }

  /**
   * Notes in the draft that a spec is enqueued.
   *
   * @param by a person or a schedule
   * @return the experiment, or why it is refused
   */
  public Answer enqueue(
      DecisionBuilder builder, String id, String specText, Spec spec, String owner, String by) {
    Optional<String> refusal = refusal(builder, id, spec);
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
                spec.resources().ramBytes().orElse(limits.defaultRamBytes()),
                builder.now,
                requestedPowerMode(builder.state, spec).map(RestoredState::stored)),
            "enqueued by " + by);
    builder.enqueue(experiment, spec);
    return new Answer.Done(experiment);
  }

  private Optional<String> refusal(DecisionBuilder builder, String id, Spec spec) {
    State state = builder.state;
    Optional<Experiment> same = state.find(id);
    if (same.isPresent()) {
      return Optional.of("an experiment of that id is " + same.get().state().word());
    }
    long ram = spec.resources().ramBytes().orElse(limits.defaultRamBytes());
    if (ram > limits.totalRamBytes()) {
      return Optional.of(
          "it asks for "
              + ByteSize.format(ram)
              + " of memory and all experiments together may have "
              + ByteSize.format(limits.totalRamBytes())
              + " (TOTAL_RAM_LIMIT_GB)");
    }
    Optional<String> mode = noSuchMode(state, spec);
    if (mode.isPresent()) {
      return mode;
    }
    Optional<String> key = spec.ordering().uniqueKey();
    // Of one moment's schedules, too, only the first gets a key.
    return key.isEmpty()
        ? Optional.empty()
        : Stream.concat(state.experiments().stream(), builder.enqueuedNow())
            .filter(other -> uniqueKey(builder, other).equals(key))
            .findFirst()
            .map(
                other ->
                    "'"
                        + other.id()
                        + "' has the unique key '"
                        + key.get()
                        + "' and is "
                        + other.state().word());
  }

  private static Optional<String> uniqueKey(DecisionBuilder builder, Experiment experiment) {
    return builder.spec(experiment.id()).flatMap(spec -> spec.ordering().uniqueKey());
  }

  /** The power mode that a spec means on this board; both of its names are kept. */
  private static Optional<CurrentMode> requestedPowerMode(State state, Spec spec) {
    PowerState power = state.runtime().thermalState().power();
    return spec.conditions()
        .powerMode()
        .flatMap(
            requestedPowerMode -> power.modes().flatMap(modes -> modes.find(requestedPowerMode)))
        .map(PowerMode::asCurrent);
  }

  private static Optional<String> noSuchMode(State state, Spec spec) {
    Optional<String> requestedPowerMode = spec.conditions().powerMode();
    if (requestedPowerMode.isEmpty()) {
      return Optional.empty();
    }
    PowerState power = state.runtime().thermalState().power();
    if (power.modes().isEmpty()) {
      return Optional.of(
          "it asks for power mode '" + requestedPowerMode.get() + "', and " + power.problem());
    }
    return PowerModePlan.resolve(power.modes().get(), requestedPowerMode.get())
            instanceof PowerModePlan.Unknown unknown
        ? Optional.of(unknown.reason())
        : Optional.empty();
  }
}
