package io.coord.scheduler.core.reconcile;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.RunEnd;
import io.coord.runner.Durations;
import io.coord.scheduler.core.admission.Breaker;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.state.ThrottleState;
import io.coord.systemd.ActiveState;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What follows for an experiment that is up: its unit runs, or waits for a restart. */
final class RunningExperiment {
  private final Reconciliation reconciliation;
  private final RunAccounting runs;
  private final DecisionBuilder builder;

  RunningExperiment(Reconciliation reconciliation, RunAccounting runs) {
    this.reconciliation = reconciliation;
    this.runs = runs;
    this.builder = reconciliation.builder();
  }

  void reconcile(UnitStatus unit) {
    if (UnitCondition.awaitsRestart(unit, reconciliation.phase())) {
      runs.addCrash(unit);
      awaitRestart(unit);
      return;
    }
    Optional<String> invocation = unit.invocation();
    if (unit.active() != ActiveState.ACTIVE || invocation.isEmpty()) {
      return;
    }
    runs.addPresentRun(unit, up(unit));
    if (runs.lastEnd().filter(end -> end.cause() == RunEnd.Cause.OPERATOR).isPresent()) {
      builder.effect(new Effect.ForgetStarts(id()));
    }
    Phase running = new Phase.Running(invocation.get());
    if (!reconciliation.phase().equals(running)) {
      builder.dispatchSucceeded(reconciliation.experiment());
      reconciliation.move(running, RestartReasons.started(reconciliation.experiment()));
    }
    if (!stopIfExhausted() && !stopIfOutOfTime(unit)) {
      updateRunContext();
      killIfHung();
      noteSurvival(unit);
    }
  }

  private void awaitRestart(UnitStatus unit) {
    if (stopIfExhausted()) {
      return;
    }
    if (!(reconciliation.phase() instanceof Phase.Restarting) || runs.lastEnd().isPresent()) {
      String detail = runs.lastEnd().map(RunEnd::detail).orElse("no exit record");
      boolean interrupted =
          runs.lastEnd().filter(end -> end.kind() == RunEnd.Kind.INTERRUPTION).isPresent();
      reconciliation.move(
          new Phase.Restarting(unit.invocation().orElse("")),
          (interrupted
                  ? "interrupted: " + detail
                  : RestartReasons.crash(reconciliation.experiment(), detail))
              + "; systemd restarts it");
    }
    updateRunContext();
  }

  /** Keeps the context of the next run up to date, in case the coordinator is killed before it. */
  private void updateRunContext() {
    if (runs.lastEnd().isPresent() || runs.progressed()) {
      builder.effect(new Effect.UpdateContext(reconciliation.experiment()));
    }
  }

  /** Stops an experiment that may not be restarted any more. */
  private boolean stopIfExhausted() {
    Optional<String> why = RestartReasons.whyExhausted(reconciliation, runs);
    why.ifPresent(reason -> reconciliation.stop(ExperimentState.FAILED, reason, runs.openRun()));
    return why.isPresent();
  }

  /** The drop-in limits the first run of a dispatch; runs that systemd restarts count here. */
  private boolean stopIfOutOfTime(UnitStatus unit) {
    Duration ran = reconciliation.experiment().counts().ran().plus(up(unit));
    boolean out =
        reconciliation
            .spec()
            .flatMap(spec -> spec.times().maxDuration())
            .filter(max -> ran.compareTo(max) >= 0)
            .isPresent();
    if (out) {
      reconciliation.stop(ExperimentState.FAILED, Reconciler.OUT_OF_TIME, runs.openRun());
    }
    return out;
  }

  private void killIfHung() {
    Optional<Duration> max = reconciliation.spec().flatMap(spec -> spec.times().noProgress());
    ThrottleState throttle = builder.runtime().thermalState().throttle();
    // What is frozen because of heat makes no progress; its time begins when it is thawed.
    Optional<Duration> since =
        builder
            .state()
            .progressAt(id())
            .map(at -> Collections.max(List.of(at, throttle.frozenUntil().orElse(at))));
    if (throttle.isFrozen()
        || max.isEmpty()
        || since.isEmpty()
        || runs.progressed()
        || runs.began()) {
      return;
    }
    if (builder.uptime().minus(since.get()).compareTo(max.get()) >= 0) {
      builder.runtime(
          builder
              .runtime()
              .withKilled(id(), Optional.of("no new cycle for " + Durations.brief(max.get()))));
      // Asked for at each observation until the run is down: a call may have failed.
      builder.effect(new Effect.Kill(id()));
    }
  }

  /** An experiment that gets past early failures shows that its command can run. */
  private void noteSurvival(UnitStatus unit) {
    if (runs.progressed() || up(unit).compareTo(Breaker.EARLY) >= 0) {
      builder.commandSurvived(reconciliation.experiment());
    }
  }

  private Duration up(UnitStatus unit) {
    Duration up =
        unit.activation().activeSinceUptime().map(builder.uptime()::minus).orElse(Duration.ZERO);
    return up.isNegative() ? Duration.ZERO : up;
  }

  private String id() {
    return reconciliation.experiment().id();
  }
}
