package io.coord.scheduler.core.reconcile;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.runner.CompletionResult;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event.DispatchFailed.Fault;
import io.coord.scheduler.core.state.DispatchState.Retry;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Observation;
import io.coord.systemd.SetupFailure;
import io.coord.systemd.UnitStatus;
import java.util.Optional;

/**
 * Brings one experiment in line with what was seen of its unit: first the runs that ended, from
 * their exit records, then the present state of the unit. It makes no difference whether the
 * coordinator watched while it happened or was away.
 *
 * <p>{@link RunAccounting} says which end belongs to which run, {@link EndCauses} whether the end
 * is the run's own, {@link UnitCondition} what the unit's state means; this class and {@link
 * RunningExperiment} decide what follows.
 */
public final class Reconciler {

  /** Why an experiment has failed that has reached its time limit, counted over all its runs. */
  public static final String OUT_OF_TIME = "time limit exceeded";

  private static final String CONTINUE_OR_END =
      "; continue with 'coord release', end with 'coord stop'";

  /** How often records that cannot be read are tried while somebody waits for a stop. */
  private static final int STOPPING_READS = 2;

  private final Reconciliation reconciliation;
  private final Observation seen;
  private final EndCauses causes;
  private final RunAccounting runs;

  Reconciler(DecisionBuilder builder, Experiment experiment, Observation seen, boolean rebooted) {
    this.reconciliation = new Reconciliation(builder, experiment, seen, rebooted);
    this.seen = seen;
    this.causes = new EndCauses(reconciliation);
    this.runs = new RunAccounting(reconciliation, causes);
  }

  /** Adds to the decision what follows from the observation. */
  void reconcile() {
    if (seen.managerStopping()) {
      // Everything is being stopped. The next coordinator finds the records and this same phase.
      return;
    }
    repeatUnstoredStop();
    Optional<String> unusable = whyUnusable();
    if (unusable.isPresent()) {
      reconcileWithoutRecords(unusable.get());
      return;
    }
    DecisionBuilder builder = reconciliation.builder();
    builder.runtime(
        builder.runtime().withUnreadable(reconciliation.experiment().id(), Optional.empty()));
    if (runs.claimsSuccess() && seen.completion().isEmpty() && reconciliation.spec().isPresent()) {
      // The run ended after the observation began; observe again, to verify it.
      reconciliation.builder().observe(reconciliation.experiment());
      return;
    }
    seen.unit().ifPresent(runs::addProgress);
    if (isRestartedWithTarget()) {
      runs.addRecordedEnds();
      reconciliation.move(
          new Phase.Restarting(seen.unit().flatMap(UnitStatus::invocation).orElse("")),
          "interrupted: " + Reconciliation.TARGET_STOPPED + "; systemd restarts the unit");
      return;
    }
    if (seen.unit().filter(this::isInTransition).isPresent()) {
      // The outcome is not known before the unit is up or down; until then nothing is added.
      repeatStop();
      return;
    }
    if (reconciliation.isStopping() && !seen.isUp() && !seen.conclusive()) {
      // A start or the stop is under way; its answer brings an observation. The end of the run is
      // added only then: what it claims is verified by the observation that adds it.
      return;
    }
    runs.addRecordedEnds();
    if (reconciliation.phase() instanceof Phase.Stopping stopping) {
      reconcileStopping(stopping);
    } else if (setupFailure().isPresent()) {
      reconcileSetupFailure(setupFailure().get());
    } else if (seen.isUp()) {
      new RunningExperiment(reconciliation, runs).reconcile(seen.unit().orElseThrow());
    } else {
      reconcileDown();
    }
  }

  // --- the exit records cannot be used

  /** Why nothing can be concluded from the exit records; empty if they can be used. */
  private Optional<String> whyUnusable() {
    String setAside =
        reconciliation.builder().runtime().setAside().get(reconciliation.experiment().id());
    return Optional.ofNullable(setAside).or(seen::recordsProblem).or(runs::contradiction);
  }

  /** Counts one more failure to read the records, and tells whether to try again. */
  private boolean mayBecomeReadable(String why) {
    DecisionBuilder builder = reconciliation.builder();
    String id = reconciliation.experiment().id();
    Retry before = builder.runtime().unreadable().get(id);
    if (before != null && before.waits(builder.uptime())) {
      return true;
    }
    Retry retry = Retry.after(Optional.ofNullable(before), builder.uptime(), why);
    boolean again =
        retry.failures() < (stopForGood().isPresent() ? STOPPING_READS : Limits.DISPATCH_ATTEMPTS);
    builder.runtime(
        builder.runtime().withUnreadable(id, again ? Optional.of(retry) : Optional.empty()));
    return again;
  }

  private boolean isSetAside() {
    return reconciliation
        .builder()
        .runtime()
        .setAside()
        .containsKey(reconciliation.experiment().id());
  }

  /**
   * What runs goes on, and what is to be stopped is stopped. Once it is down, its end is not known:
   * a person decides.
   */
  private void reconcileWithoutRecords(String why) {
    if (seen.isUp() || !seen.conclusive()) {
      repeatStop();
      return;
    }
    if (seen.recordsProblem().isPresent() && mayBecomeReadable(why)) {
      return;
    }
    if (!isSetAside()) {
      // Of one that is set aside, the end of the run may be what the ledger does not take.
      if (seen.recordsProblem().isPresent()) {
        runs.endUnread(why);
      } else {
        runs.endUnknown(why);
      }
    }
    runs.leaveOutRecords();
    stopForGood()
        .ifPresentOrElse(
            stopping -> reachGoal(withDoubt(stopping, why)),
            () -> reconciliation.hold(why + CONTINUE_OR_END));
    DecisionBuilder builder = reconciliation.builder();
    builder.runtime(
        builder.runtime().withSetAside(reconciliation.experiment().id(), Optional.empty()));
  }

  /** Nobody has seen a run, and the records that would tell of one cannot be read. */
  private Phase.Stopping withDoubt(Phase.Stopping stopping, String why) {
    return seen.recordsProblem().isEmpty() || stopping.invocation().isPresent()
        ? stopping
        : new Phase.Stopping(
            stopping.goal(),
            stopping.why() + "; whether it has run is not known: " + why,
            stopping.invocation());
  }

  /**
   * The stop that is under way; empty if there is none, or if the experiment is to run again after
   * it: without its records, it may have been complete.
   */
  private Optional<Phase.Stopping> stopForGood() {
    return reconciliation.phase() instanceof Phase.Stopping stopping
            && stopping.goal() != ExperimentState.COOLING
        ? Optional.of(stopping)
        : Optional.empty();
  }

  /** A stop was carried out that could not be stored: it is stored now. */
  private void repeatUnstoredStop() {
    if (reconciliation.isStopping()) {
      return;
    }
    reconciliation
        .builder()
        .state()
        .unstoredStop(reconciliation.experiment().id())
        .ifPresent(
            stop ->
                reconciliation.move(
                    new Phase.Stopping(stop.goal(), stop.why(), runs.openRun()), stop.why()));
  }

  /**
   * Whether the target is restarted: the run is over and systemd has a start of the unit queued.
   */
  private boolean isRestartedWithTarget() {
    return reconciliation.isStoppedWithTarget()
        && runs.openRun().isPresent()
        && !runs.unseenRecords().isEmpty()
        && seen.unit().filter(UnitStatus::jobQueued).filter(UnitCondition::isOver).isPresent();
  }

  private boolean isInTransition(UnitStatus unit) {
    return UnitCondition.isInTransition(unit, reconciliation.phase());
  }

  // --- systemd could not execute the program

  /** One of which nothing is known is a crash like others. */
  private Optional<SetupFailure> setupFailure() {
    return seen.unit()
        .flatMap(UnitStatus::setupFailure)
        .filter(failure -> failure.kind() != SetupFailure.Kind.UNKNOWN);
  }

  private void reconcileSetupFailure(SetupFailure failure) {
    runs.endUnknown("no exit record");
    String why = "cannot start '" + reconciliation.experiment().id() + "': " + failure.sentence();
    if (failure.kind() != SetupFailure.Kind.PASSING && seen.isUp()) {
      reconciliation.stop(ExperimentState.FAILED, why, Optional.empty());
    } else if (failure.kind() != SetupFailure.Kind.PASSING) {
      reconciliation.end(ExperimentState.FAILED, why);
    } else if (seen.isUp()) {
      // systemd would try again, and count it. It is put back once the unit is down.
      reconciliation.builder().effect(new Effect.Stop(reconciliation.experiment().id()));
    } else {
      reconciliation
          .builder()
          .dispatchFailed(
              reconciliation.experiment(),
              why,
              failure == SetupFailure.CHDIR ? Fault.PASSING_FOR_PLACE : Fault.PASSING);
    }
  }

  // --- the unit is to be stopped

  private void reconcileStopping(Phase.Stopping stopping) {
    if (seen.isUp()) {
      repeatStop();
      if (!runs.openRun().equals(stopping.invocation())) {
        reconciliation.move(
            new Phase.Stopping(stopping.goal(), stopping.why(), runs.openRun()), stopping.why());
      }
      return;
    }
    runs.addEndOfOpenRun();
    boolean succeeded = runs.lastEnd().filter(end -> end.kind() == Kind.SUCCESS).isPresent();
    if (succeeded && stopping.goal() == ExperimentState.COOLING) {
      reconcileSuccess();
      return;
    }
    if (succeeded && seen.completion().orElse(null) instanceof CompletionResult.Complete complete) {
      reconciliation.end(ExperimentState.COMPLETED, complete.evidence());
      return;
    }
    reachGoal(stopping);
  }

  private void reachGoal(Phase.Stopping stopping) {
    switch (stopping.goal()) {
      case COOLING -> {
        // It may have crashed before the stop, and not come back either way.
        Optional<String> exhausted =
            runs.lastEnd()
                .filter(end -> end.kind() == Kind.CRASH)
                .flatMap(end -> RestartReasons.whyExhausted(reconciliation, runs));
        if (exhausted.isPresent()) {
          reconciliation.end(ExperimentState.FAILED, exhausted.get());
        } else if (!verifiedLater(ExperimentState.QUEUED, stopping.why())) {
          reconciliation.builder().effect(new Effect.ReleaseUnit(reconciliation.experiment().id()));
          reconciliation.move(new Phase.Cooling(), stopping.why());
        }
      }
      case STOPPED, FAILED -> reconciliation.end(stopping.goal(), stopping.why());
      default -> throw new IllegalStateException("no goal of a stop: " + stopping.goal());
    }
  }

  /**
   * Whether the last run claims success and that cannot be verified now: the claim then waits.
   *
   * @param otherwise what the experiment becomes if it is not complete
   * @param why the reason of that
   */
  private boolean verifiedLater(ExperimentState otherwise, String why) {
    if (runs.lastClaimed()
        && runs.lastRun().isPresent()
        && seen.completion().orElse(null) instanceof CompletionResult.NotVerifiable unclear) {
      reconciliation.verifyLater(
          new Phase.Verifying(runs.lastRun().get(), otherwise, why), unclear.why());
      return true;
    }
    return false;
  }

  /** A stop may never have reached systemd: the coordinator was killed, or the call failed. */
  private void repeatStop() {
    if (reconciliation.isStopping() && seen.isUp() && seen.conclusive()) {
      reconciliation.builder().effect(new Effect.Stop(reconciliation.experiment().id()));
    }
  }

  // --- the unit is down

  private void reconcileDown() {
    runs.addEndOfOpenRun();
    if (runs.lastEnd().isEmpty()) {
      reconcileDownWithoutEnd();
      return;
    }
    RunEnd end = runs.lastEnd().get();
    switch (end.kind()) {
      case SUCCESS -> reconcileSuccess();
      case INTERRUPTION -> reconcileInterruption(end);
      case CRASH -> reconcileCrash(end);
    }
  }

  private void reconcileSuccess() {
    CompletionResult result = seen.completion().orElse(null);
    if (result instanceof CompletionResult.Complete complete) {
      reconciliation.end(ExperimentState.COMPLETED, complete.evidence());
    } else if (result instanceof CompletionResult.Incomplete incomplete) {
      reconciliation.end(ExperimentState.FAILED, "incomplete: " + incomplete.why());
    } else if (!verifiedLater(ExperimentState.FAILED, "not complete")) {
      reconciliation.hold(
          "not verified: the run exited with 0, but "
              + Reconciliation.UNREADABLE_SPEC
              + CONTINUE_OR_END);
    }
  }

  private void reconcileInterruption(RunEnd end) {
    boolean held = end.cause() == Cause.OPERATOR && !reconciliation.isStoppedWithTarget();
    String why =
        held
            ? end.detail() + CONTINUE_OR_END
            : "interrupted: " + end.detail() + "; resumes from the queue";
    if (verifiedLater(held ? ExperimentState.HELD : ExperimentState.QUEUED, why)) {
      return;
    }
    if (held) {
      reconciliation.hold(why);
    } else {
      reconciliation.requeue(why);
    }
  }

  private void reconcileCrash(RunEnd end) {
    Optional<String> exhausted = RestartReasons.whyExhausted(reconciliation, runs);
    if (exhausted.isPresent()) {
      reconciliation.end(ExperimentState.FAILED, exhausted.get());
    } else if (seen.unit().filter(UnitCondition::isFailed).isPresent()) {
      reconciliation.end(
          ExperimentState.FAILED, RestartReasons.startLimit(reconciliation.experiment(), end));
    } else if (seen.unit().filter(UnitCondition::wouldHaveRestarted).isPresent()) {
      stoppedBetweenRuns();
    } else {
      // systemd would have restarted the unit, but no longer has it.
      reconciliation.requeue(
          RestartReasons.crash(reconciliation.experiment(), end.detail())
              + "; resumes from the queue");
    }
  }

  /** No run ended: either none ever began, or its end is known already. */
  private void reconcileDownWithoutEnd() {
    if (reconciliation.phase() instanceof Phase.Restarting) {
      if (seen.unit().filter(UnitCondition::isFailed).isPresent()) {
        reconciliation.end(
            ExperimentState.FAILED,
            RestartReasons.failedUnit(reconciliation.experiment(), seen.unit().get()));
      } else if (seen.unit().isPresent()) {
        stoppedBetweenRuns();
      } else {
        reconciliation.requeue("unit gone; resumes from the queue");
      }
    } else if (reconciliation.phase() instanceof Phase.Starting && seen.conclusive()) {
      boolean cutShort =
          reconciliation.rebooted()
              || !reconciliation.builder().runtime().manager().up()
              || reconciliation.isStoppedWithTarget();
      if (cutShort) {
        reconciliation.requeue("dispatch interrupted; dispatched again");
      } else {
        reconciliation
            .builder()
            .dispatchFailed(
                reconciliation.experiment(), "systemd did not start the unit", Fault.REFUSED);
      }
    }
  }

  private void stoppedBetweenRuns() {
    if (reconciliation.isStoppedWithTarget()) {
      reconciliation.requeue(
          "interrupted: " + Reconciliation.TARGET_STOPPED + "; resumes from the queue");
    } else {
      reconciliation.hold("unit stopped with systemctl between two runs" + CONTINUE_OR_END);
    }
  }
}
