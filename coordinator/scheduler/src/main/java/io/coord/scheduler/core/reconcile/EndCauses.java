package io.coord.scheduler.core.reconcile;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.runner.CompletionResult;
import io.coord.scheduler.core.state.Observation;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.ExitRecord.ProcessExit;
import io.coord.systemd.ExitRecord.StopRequest;
import io.coord.systemd.SetupFailure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether the end of a run is the run's own, or an interruption: by an operator, heat, a shutdown,
 * or a power cut.
 *
 * <p>A stop by a person is recognised by its request, which the exit record contains, never by the
 * absence of another cause: a signal from elsewhere is a crash.
 */
final class EndCauses {

  /** A record's clock begins a little after systemd's, and is coarser. */
  private static final Duration CLOCKS_DIFFER = Duration.ofSeconds(1);

  private static final String STOPPED_BY_HAND = "unit stopped with systemctl";
  private static final String RESTARTED_BY_HAND = "unit restarted with systemctl";

  /** 128 + SIGINT, 128 + SIGTERM. */
  private static final List<String> SHUTDOWN_EXIT_CODES = List.of("130", "143");

  private final Reconciliation reconciliation;
  private final Observation seen;

  EndCauses(Reconciliation reconciliation) {
    this.reconciliation = reconciliation;
    this.seen = reconciliation.seen();
  }

  /**
   * The end of a run with its cause, considering what was done to the experiment.
   *
   * @param last whether no later run has ended
   * @param record the run's exit record; empty if there is none
   */
  RunEnd judge(RunEnd end, boolean last, Optional<ExitRecord> record) {
    Optional<SetupFailure> setup = record.flatMap(reconciliation::setupFailureOf);
    if (setup.isPresent()) {
      return notSetUp(end, setup.get());
    }
    StopRequest request =
        record.map(ExitRecord::exit).map(ProcessExit::stop).orElse(StopRequest.UNKNOWN);
    boolean stopping = reconciliation.phase() instanceof Phase.Stopping;
    if (last && end.kind() == Kind.SUCCESS && isOwnSuccess(request)) {
      return end;
    }
    if (last && reconciliation.isStoppedWithTarget()) {
      return stoppedWithTarget(end);
    }
    if (request == StopRequest.REQUESTED || (last && stopping && end.kind() == Kind.SUCCESS)) {
      return stopped(end, last, record.orElseThrow());
    }
    if (!last || end.kind() != Kind.CRASH) {
      return end;
    }
    String noProgress =
        reconciliation.builder().runtime().killed().get(reconciliation.experiment().id());
    if (noProgress != null && end.cause() == Cause.SIGNAL) {
      return new RunEnd(Kind.CRASH, Cause.NO_PROGRESS, noProgress, end.memoryPeakBytes());
    }
    boolean terminated = end.cause() == Cause.SIGNAL && end.detail().equals("signal TERM");
    // "timeout" is systemd's result for a run that exceeded its time limit, and for one that had to
    // be killed because it ignored SIGTERM.
    boolean killedAtStop =
        end.cause() == Cause.TIME_LIMIT
            && !isTimeLimitReached(record.flatMap(EndCauses::durationOf));
    if (request == StopRequest.NOT_REQUESTED && !(stopping && (terminated || killedAtStop))) {
      // Also of a unit that is to be stopped: it had crashed before anybody had looked.
      return killedAtStop ? endedTooSlowly(end) : end;
    }
    if (reconciliation.phase() instanceof Phase.Stopping goal) {
      boolean crashedBefore =
          seen.isUp() || seen.unit().filter(UnitCondition::wasAwaitingRestart).isPresent();
      return crashedBefore && !terminated && !killedAtStop
          ? end
          : RunEnds.interrupted(end, causeOf(goal.goal()), goal.why());
    }
    boolean obeyed = record.filter(this::obeyedShutdown).isPresent();
    if (reconciliation.rebooted() && (terminated || obeyed || end.cause() == Cause.TIME_LIMIT)) {
      return RunEnds.interrupted(end, Cause.REBOOT, "the machine was shut down");
    }
    // Without a record that knows: systemd restarts after a stray SIGTERM (the template says so)
    // while restarts are left, or says that it restarts no more. Only a stop prevents that.
    boolean outOfRestarts = seen.unit().filter(UnitCondition::hitStartLimit).isPresent();
    boolean prevented = terminated && !seen.isUp() && !outOfRestarts && hasRestartsLeft();
    if (killedAtStop || prevented) {
      return seen.unit().isPresent()
          ? RunEnds.interrupted(end, Cause.OPERATOR, STOPPED_BY_HAND)
          : RunEnds.interrupted(end, Cause.LOST, "unit stopped while coord was not running");
    }
    return end;
  }

  /** A run whose program systemd could not start. */
  private static RunEnd notSetUp(RunEnd end, SetupFailure failure) {
    boolean passes = failure.kind() == SetupFailure.Kind.PASSING;
    return new RunEnd(
        passes ? Kind.INTERRUPTION : Kind.CRASH,
        Cause.START,
        failure.sentence(),
        end.memoryPeakBytes());
  }

  /** What a run ended as that somebody had requested to stop: nobody knows how it would have. */
  private RunEnd stopped(RunEnd end, boolean last, ExitRecord record) {
    if (reconciliation.phase() instanceof Phase.Stopping stopping) {
      return RunEnds.interrupted(end, causeOf(stopping.goal()), stopping.why());
    }
    if (last && (reconciliation.rebooted() || isOfAnEarlierBoot(record))) {
      return RunEnds.interrupted(end, Cause.REBOOT, "the machine was shut down");
    }
    return RunEnds.interrupted(
        end, Cause.OPERATOR, last && !seen.isUp() ? STOPPED_BY_HAND : RESTARTED_BY_HAND);
  }

  /**
   * Whether a run ended before the boot in which everything else was compared: its records could
   * not be read then.
   */
  private boolean isOfAnEarlierBoot(ExitRecord record) {
    return reconciliation
        .builder()
        .state()
        .lastBoot()
        .filter(boot -> !boot.equals(record.bootId()))
        .isPresent();
  }

  /**
   * Whether the last run has succeeded by itself. A run that was stopped may exit with success
   * because it was told to end: it has succeeded if something besides its exit code shows that.
   */
  private boolean isOwnSuccess(StopRequest request) {
    boolean stopped =
        request == StopRequest.REQUESTED
            || (request == StopRequest.UNKNOWN
                && (reconciliation.phase() instanceof Phase.Stopping
                    || reconciliation.isStoppedWithTarget()));
    return !stopped
        || (seen.completion().orElse(null) instanceof CompletionResult.Complete complete
            && complete.proven());
  }

  /** The stop timeout also counts from STOPPING=1, which the process itself sends. */
  private static RunEnd endedTooSlowly(RunEnd end) {
    return new RunEnd(
        Kind.CRASH,
        Cause.SIGNAL,
        "killed: announced its end (STOPPING=1) and did not end within the stop timeout",
        end.memoryPeakBytes());
  }

  /** Whether systemd would restart the unit after one more crash. */
  private boolean hasRestartsLeft() {
    int crashes = reconciliation.experiment().counts().crashes() + 1;
    return reconciliation.spec().filter(spec -> spec.restart().isExhausted(crashes)).isEmpty();
  }

  /**
   * A run that was stopped may call that a success or a crash. What it did before the stop counts
   * as it is.
   */
  private RunEnd stoppedWithTarget(RunEnd end) {
    boolean crashedBefore =
        end.kind() == Kind.CRASH
            && seen.unit()
                .filter(
                    unit ->
                        unit.active() == ActiveState.ACTIVE
                            || UnitCondition.awaitsRestart(unit, reconciliation.phase())
                            || UnitCondition.wasAwaitingRestart(unit))
                .isPresent();
    return crashedBefore
        ? end
        : RunEnds.interrupted(end, Cause.OPERATOR, Reconciliation.TARGET_STOPPED);
  }

  /**
   * Whether a run ended in the boot before this one as a shell or Python does that traps SIGTERM or
   * treats it as an interrupt: it exits with 128 and the signal's number.
   */
  private boolean obeyedShutdown(ExitRecord record) {
    return reconciliation.rebooted()
        && reconciliation.builder().state().lastBoot().equals(Optional.of(record.bootId()))
        && record.exit().code().equals("exited")
        && SHUTDOWN_EXIT_CODES.contains(record.exit().status());
  }

  private static Optional<Duration> durationOf(ExitRecord record) {
    return record.durationMillis().isPresent()
        ? Optional.of(Duration.ofMillis(record.durationMillis().getAsLong()))
        : Optional.empty();
  }

  /** A run of unknown duration counts as one that has reached its limit, if there is one. */
  private boolean isTimeLimitReached(Optional<Duration> duration) {
    Duration before = reconciliation.experiment().counts().ran().plus(CLOCKS_DIFFER);
    return reconciliation
        .spec()
        .flatMap(spec -> spec.times().maxDuration())
        .filter(
            max -> duration.map(before::plus).filter(total -> total.compareTo(max) < 0).isEmpty())
        .isPresent();
  }

  private static Cause causeOf(ExperimentState goal) {
    return switch (goal) {
      case STOPPED -> Cause.OPERATOR;
      case COOLING -> Cause.HEAT;
      case FAILED -> Cause.LIMIT;
      default -> throw new IllegalStateException("no goal of a stop: " + goal);
    };
  }

  /** The end of a run that has left no exit record and is known to the unit no more. */
  RunEnd lost() {
    boolean rebooted = reconciliation.rebooted();
    return new RunEnd(
        Kind.INTERRUPTION,
        rebooted ? Cause.POWER_CUT : Cause.LOST,
        // A machine that is shut down in order ends its units, and they leave records.
        rebooted ? "the machine lost power or crashed" : "unit gone without an exit record",
        OptionalLong.empty());
  }

  /** The end of a run after which the unit went on, without an exit record. */
  RunEnd unrecorded(String detail) {
    return reconciliation.rebooted()
        ? lost()
        : new RunEnd(Kind.CRASH, Cause.LOST, detail, OptionalLong.empty());
  }
}
