package io.coord.scheduler.core.reconcile;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.runner.CompletionResult;
import io.coord.runner.Durations;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.PendingVerification;
import java.util.Optional;

/**
 * Experiments whose last run claims success and whose evidence could not be read: they are looked
 * at again with growing patience, until the evidence says something or a person ends the wait. They
 * hold no slot. Nothing becomes complete because nobody could look.
 */
public final class ClaimVerification {
  private final DecisionBuilder builder;

  public ClaimVerification(DecisionBuilder builder) {
    this.builder = builder;
  }

  /** Asks for the looks that are due. */
  public void lookWhereDue() {
    for (Experiment experiment : builder.state().verifying()) {
      PendingVerification stands = stands(experiment);
      Optional<Spec> spec = builder.state().spec(experiment.id());
      if (spec.isPresent() && builder.uptime().compareTo(stands.due()) >= 0) {
        set(experiment, Optional.of(stands.asked(builder.uptime())));
        builder.effect(new Effect.Verify(experiment, spec.get(), stands.patience()));
      }
    }
  }

  /** A look was made. */
  public void verified(Event.Verified event) {
    Optional<Experiment> found =
        builder
            .state()
            .find(event.experiment().id())
            .filter(experiment -> experiment.phase().equals(event.experiment().phase()));
    if (found.isEmpty()) {
      // A person has decided meanwhile.
      return;
    }
    Experiment experiment = found.get();
    Phase.Verifying claim = (Phase.Verifying) experiment.phase();
    if (event.result() instanceof CompletionResult.NotVerifiable unclear) {
      PendingVerification next = stands(experiment).next(builder.uptime());
      set(experiment, Optional.of(next));
      // It is in this state since the run ended.
      builder.change(
          experiment,
          new Change.Moved(
              experiment.id(),
              claim,
              claim,
              experiment.status().resumesFirst(),
              experiment.status().since(),
              reason(unclear.why(), next)));
      return;
    }
    set(experiment, Optional.empty());
    if (event.result() instanceof CompletionResult.Complete complete
        && (complete.proven() || claim.otherwise() == ExperimentState.FAILED)) {
      builder.end(experiment, ExperimentState.COMPLETED, complete.evidence());
      return;
    }
    switch (claim.otherwise()) {
      case QUEUED -> builder.requeue(experiment, claim.why());
      case HELD -> builder.hold(experiment, claim.why());
      default ->
          builder.end(
              experiment,
              ExperimentState.FAILED,
              event.result() instanceof CompletionResult.Incomplete incomplete
                  ? "incomplete: " + incomplete.why()
                  : claim.why());
    }
  }

  /** The reason that users read while the claim waits. */
  static String reason(String why, PendingVerification next) {
    return "exited with success, cannot verify completion: "
        + why
        + "; checked again after "
        + Durations.brief(next.delay())
        + " (check "
        + (next.looks() + 1)
        + ")";
  }

  private PendingVerification stands(Experiment experiment) {
    return builder
        .runtime()
        .verifications()
        .getOrDefault(experiment.id(), PendingVerification.NONE);
  }

  private void set(Experiment experiment, Optional<PendingVerification> stands) {
    builder.runtime(builder.runtime().withVerification(experiment.id(), stands));
  }
}
