package io.coord.scheduler.core.reconcile;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.PendingVerification;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.SetupFailure;
import io.coord.systemd.UnitStatus;
import java.util.Optional;

/** One experiment while it is reconciled with one observation. */
final class Reconciliation {

  /** Why runs end that are stopped with the target of all experiments. */
  static final String TARGET_STOPPED = ExperimentUnits.TARGET + " was stopped";

  /** Why nothing more can be done with an experiment of another version. */
  static final String UNREADABLE_SPEC = "the stored spec cannot be read by this version of coord";

  private final DecisionBuilder builder;
  private final Observation seen;
  private final boolean rebooted;
  private Experiment experiment;

  Reconciliation(
      DecisionBuilder builder, Experiment experiment, Observation seen, boolean rebooted) {
    this.builder = builder;
    this.experiment = experiment;
    this.seen = seen;
    this.rebooted = rebooted;
  }

  DecisionBuilder builder() {
    return builder;
  }

  Observation seen() {
    return seen;
  }

  /** Whether the machine was rebooted since the experiment's phase was stored. */
  boolean rebooted() {
    return rebooted;
  }

  /** The experiment after the decision, as far as it is built. */
  Experiment experiment() {
    return experiment;
  }

  Phase phase() {
    return experiment.phase();
  }

  /** Why systemd did not execute the program in the run with this record; empty if it did. */
  Optional<SetupFailure> setupFailureOf(ExitRecord record) {
    return seen.unit()
        .filter(unit -> unit.invocation().equals(Optional.of(record.invocation())))
        .flatMap(UnitStatus::setupFailure);
  }

  Optional<Spec> spec() {
    return builder.state().spec(experiment.id());
  }

  boolean isStopping() {
    return experiment.phase() instanceof Phase.Stopping;
  }

  /** Whether all experiments are stopped with the target, and this one was not to be stopped. */
  boolean isStoppedWithTarget() {
    return builder.runtime().manager().targetStopping() && !isStopping();
  }

  void change(Change.OfExperiment change) {
    experiment = builder.change(experiment, change);
  }

  void move(Phase to, String reason) {
    experiment = builder.move(experiment, to, reason);
  }

  void requeue(String reason) {
    experiment = builder.requeue(experiment, reason);
  }

  void hold(String reason) {
    experiment = builder.hold(experiment, reason);
  }

  void verifyLater(Phase.Verifying claim, String why) {
    experiment =
        builder.verifyLater(
            experiment, claim, ClaimVerification.reason(why, PendingVerification.NONE));
    builder.runtime(
        builder
            .runtime()
            .withVerification(
                experiment.id(),
                Optional.of(
                    new PendingVerification(
                        0, builder.uptime().plus(PendingVerification.NONE.delay())))));
  }

  void stop(ExperimentState goal, String reason, Optional<String> openRun) {
    experiment = builder.stop(experiment, goal, reason, openRun);
  }

  void end(ExperimentState state, String reason) {
    experiment = builder.end(experiment, state, reason);
  }
}
