package io.coord.scheduler.core.reconcile;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.Progress;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.runner.CompletionResult;
import io.coord.runner.CycleReport;
import io.coord.runner.Durations;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.Breaker;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Observation;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Brings one experiment in line with what was seen of its unit: first the runs that ended, from
 * their exit records, then where the unit stands now. It makes no difference whether the
 * coordinator watched while it happened or was away.
 */
public final class Reconciler {

  /** A record's own time is told from the time of its discovery from here on. */
  private static final Duration NOTICEABLE = Duration.ofSeconds(3);

  /** A record's clock begins a little after systemd's, and is coarser. */
  private static final Duration CLOCKS_DIFFER = Duration.ofSeconds(1);

  /** Why an experiment has failed whose time limit, counted over all its runs, is reached. */
  public static final String OUT_OF_TIME = "ran for longer than its time limit";

  /** 128 + SIGINT, 128 + SIGTERM. */
  private static final List<String> SHUTDOWN_EXIT_CODES = List.of("130", "143");

  /** Why runs end that are taken down with the target of all experiments. */
  private static final String TAKEN_DOWN = ExperimentUnits.TARGET + " was stopped";

  private final DecisionBuilder builder;
  private final Observation seen;
  private final boolean rebooted;
  private Experiment experiment;
  private Optional<String> openRun;
  private Optional<RunEnd> lastEnd = Optional.empty();
  private boolean progressed;
  private boolean began;

  private Reconciler(
      DecisionBuilder builder, Experiment experiment, Observation seen, boolean rebooted) {
    this.builder = builder;
    this.experiment = experiment;
    this.seen = seen;
    this.rebooted = rebooted;
    this.openRun = experiment.phase().openRun();
  }

  /**
   * Notes in the draft what follows from an observation.
   *
   * @param rebooted whether the machine was booted anew since the experiment's phase was stored
   */
  public static void reconcile(
      DecisionBuilder builder, Experiment experiment, Observation seen, boolean rebooted) {
    if (seen.managerStopping()) {
      // Everything is being taken down. Whoever comes next finds the records and this same phase.
      return;
    }
    new Reconciler(builder, experiment, seen, rebooted).run();
  }

  private void run() {
    if (!(experiment.phase() instanceof Phase.Stopping)) {
      builder
          .state
          .unstoredStop(experiment.id())
          .ifPresent(
              stop ->
                  experiment =
                      builder.move(
                          experiment,
                          new Phase.Stopping(stop.goal(), stop.why(), openRun),
                          stop.why()));
    }
    boolean verifiable = builder.state.spec(experiment.id()).isPresent();
    if (claimsSuccess() && seen.verdict().isEmpty() && verifiable) {
      // The claim came after the look began; look again, with the claim in view.
      builder.look(experiment);
      return;
    }
    noteProgress();
    if (isStartedAgainWithItsTarget()) {
      noteEndedRuns();
      experiment =
          builder.move(
              experiment,
              new Phase.Restarting(seen.unit().flatMap(UnitStatus::invocation).orElse("")),
              "interrupted: " + TAKEN_DOWN + "; systemd starts it again");
      return;
    }
    if (seen.unit().filter(this::isBetweenStates).isPresent()) {
      // What becomes of it is not known before it is up or down, and nothing is half accounted for.
      askAgainToStop();
      return;
    }
    noteEndedRuns();
    if (experiment.phase() instanceof Phase.Stopping stopping) {
      reconcileStopping(stopping);
    } else if (seen.isUp()) {
      reconcileUp(seen.unit().orElseThrow());
    } else {
      reconcileDown();
    }
  }

  private boolean claimsSuccess() {
    List<ExitRecord> unseen = unseenRecords();
    if (!unseen.isEmpty()) {
      return !seen.isUp() && RunEnds.of(unseen.get(unseen.size() - 1)).kind() == Kind.SUCCESS;
    }
    return openRun.isPresent()
        && seen.unit().filter(UnitStatus::isDown).filter(this::isOpenRun).isPresent()
        && RunEnds.of(seen.unit().orElseThrow()).kind() == Kind.SUCCESS;
  }

  private List<ExitRecord> unseenRecords() {
    int from = experiment.counts().recordsSeen() - seen.experiment().counts().recordsSeen();
    int size = seen.records().size();
    return from >= size || from < 0 ? List.of() : seen.records().subList(from, size);
  }

  private boolean isBetweenStates(UnitStatus unit) {
    return unit.active() != ActiveState.ACTIVE && !unit.isDown() && !awaitsRestart(unit);
  }

  /**
   * Whether the next run begins after a delay: systemd's own, or the part of it that the unit waits
   * for before it starts (which at a dispatch is no delay, only the way to the start).
   */
  private boolean awaitsRestart(UnitStatus unit) {
    boolean beforeStart = unit.active() == ActiveState.ACTIVATING && unit.sub().equals("start-pre");
    return unit.awaitsRestart()
        || (beforeStart
            && (experiment.phase() instanceof Phase.Running
                || experiment.phase() instanceof Phase.Restarting));
  }

  private boolean isOpenRun(UnitStatus unit) {
    return unit.invocation().isPresent() && unit.invocation().equals(openRun);
  }

  private void noteProgress() {
    seen.unit()
        .flatMap(unit -> CycleReport.in(unit.activation().statusText()))
        .map(report -> new Progress(report.cycle(), report.of()))
        .filter(progress -> !experiment.progress().equals(Optional.of(progress)))
        .ifPresent(
            progress -> {
              change(new Change.Progressed(experiment.id(), progress, builder.now));
              progressed = true;
            });
  }

  private void noteEndedRuns() {
    List<ExitRecord> records = unseenRecords();
    for (int i = 0; i < records.size(); i++) {
      ExitRecord record = records.get(i);
      boolean last = i == records.size() - 1;
      if (!openRun.equals(Optional.of(record.invocation()))) {
        closeWithoutRecord("another run began");
        beginRun(record.invocation());
      }
      endRun(
          judge(RunEnds.of(record), last, Optional.of(record)),
          timeOf(record),
          experiment.counts().recordsSeen() + 1,
          Duration.ofMillis(record.durationMillis().orElse(0)));
    }
  }

  /**
   * Whether the target is restarted: its run is over and systemd has a start of it in its queue.
   */
  private boolean isStartedAgainWithItsTarget() {
    return isTakenDown()
        && openRun.isPresent()
        && !unseenRecords().isEmpty()
        && seen.unit().filter(UnitStatus::jobQueued).filter(Reconciler::isOver).isPresent();
  }

  private static boolean isOver(UnitStatus unit) {
    return unit.active() == ActiveState.INACTIVE || unit.active() == ActiveState.FAILED;
  }

  /** Whether it ends with all others, as the target was stopped: nobody wanted this one to end. */
  private boolean isTakenDown() {
    return builder.runtime.targetStopping() && !(experiment.phase() instanceof Phase.Stopping);
  }

  /**
   * A run that was told to end may call that a success or a crash. What it did of its own accord
   * before counts as it is.
   */
  private RunEnd takenDown(RunEnd end) {
    boolean crashedBefore =
        end.kind() == Kind.CRASH
            && seen.unit()
                .filter(
                    unit ->
                        unit.active() == ActiveState.ACTIVE
                            || awaitsRestart(unit)
                            || wasRestarting(unit))
                .isPresent();
    boolean wasReady = end.kind() == Kind.SUCCESS && isVerifiedToItsLastCycle();
    return crashedBefore || wasReady ? end : RunEnds.interrupted(end, Cause.OPERATOR, TAKEN_DOWN);
  }

  private boolean isVerifiedToItsLastCycle() {
    return seen.verdict().orElse(null) instanceof CompletionResult.Complete
        && experiment.progress().filter(Reconciler::allCyclesDone).isPresent();
  }

  /** Whose doing the end was, seen in the light of what the experiment was about to do. */
  private RunEnd judge(RunEnd end, boolean last, Optional<ExitRecord> record) {
    if (last && isTakenDown()) {
      return takenDown(end);
    }
    if (!last || end.kind() != Kind.CRASH) {
      return end;
    }
    String hung = builder.runtime.killed().get(experiment.id());
    if (hung != null && end.cause() == Cause.SIGNAL) {
      return new RunEnd(Kind.CRASH, Cause.NO_PROGRESS, hung, end.memoryPeakBytes());
    }
    boolean terminated = end.cause() == Cause.SIGNAL && end.detail().equals("signal TERM");
    boolean obeyed = record.filter(this::obeyedAShutdown).isPresent();
    // "timeout" is what systemd says of a run that went on for too long, and of one that had to be
    // killed because it did not heed SIGTERM.
    boolean killedAtStop =
        end.cause() == Cause.TIME_LIMIT && !isTimeLimitReached(record.flatMap(Reconciler::lasted));
    if (experiment.phase() instanceof Phase.Stopping stopping) {
      boolean crashedBefore =
          seen.isUp() || seen.unit().filter(Reconciler::wasRestarting).isPresent();
      return crashedBefore && !terminated && !killedAtStop
          ? end
          : RunEnds.interrupted(end, causeOf(stopping.goal()), stopping.why());
    }
    if (rebooted && (terminated || obeyed || end.cause() == Cause.TIME_LIMIT)) {
      return RunEnds.interrupted(end, Cause.REBOOT, "the machine went down");
    }
    // systemd restarts after a stray SIGTERM (the template says so), or says that it must not any
    // more. Where it does neither, it was told to stop the unit by somebody else.
    boolean outOfRestarts = seen.unit().filter(Reconciler::hitStartLimit).isPresent();
    if (killedAtStop || (terminated && !seen.isUp() && !outOfRestarts)) {
      return seen.unit().isPresent()
          ? RunEnds.interrupted(end, Cause.OPERATOR, "its unit was stopped with systemctl")
          : RunEnds.interrupted(end, Cause.LOST, "its unit was stopped while coord was away");
    }
    return end;
  }

  /**
   * Whether a run ended in the boot before this one as a shell or Python does that traps SIGTERM,
   * or takes it for an interrupt: it exits with 128 and the signal's number.
   */
  private boolean obeyedAShutdown(ExitRecord record) {
    return rebooted
        && builder.state.lastBoot().equals(Optional.of(record.bootId()))
        && record.exit().code().equals("exited")
        && SHUTDOWN_EXIT_CODES.contains(record.exit().status());
  }

  private static Optional<Duration> lasted(ExitRecord record) {
    return record.durationMillis().isPresent()
        ? Optional.of(Duration.ofMillis(record.durationMillis().getAsLong()))
        : Optional.empty();
  }

  /** Of a run that did not say how long it took, it is believed. */
  private boolean isTimeLimitReached(Optional<Duration> lasted) {
    return spec()
        .flatMap(spec -> spec.times().maxDuration())
        .filter(
            most ->
                lasted
                    .map(experiment.counts().ran().plus(CLOCKS_DIFFER)::plus)
                    .filter(all -> all.compareTo(most) < 0)
                    .isEmpty())
        .isPresent();
  }

  /**
   * Whether a stop has found the unit waiting for its restart: stopped, it shows its old result.
   */
  private static boolean wasRestarting(UnitStatus unit) {
    return unit.active() == ActiveState.INACTIVE && !unit.result().equals("success");
  }

  private static boolean hitStartLimit(UnitStatus unit) {
    return unit.active() == ActiveState.FAILED && unit.result().equals("start-limit-hit");
  }

  private static Cause causeOf(ExperimentState goal) {
    return switch (goal) {
      case STOPPED -> Cause.OPERATOR;
      case COOLING -> Cause.HEAT;
      case FAILED -> Cause.LIMIT;
      default -> throw new IllegalStateException("no goal of a stop: " + goal);
    };
  }

  private Instant timeOf(ExitRecord record) {
    Instant recorded = Instant.ofEpochSecond(record.endedAtEpochSecond());
    return recorded.plus(NOTICEABLE).isBefore(builder.now) ? recorded : builder.now;
  }

  /** An open run whose unit has gone on without leaving a record, for example on a full disk. */
  private void closeWithoutRecord(String why) {
    if (openRun.isPresent()) {
      RunEnd crash = new RunEnd(Kind.CRASH, Cause.LOST, why, OptionalLong.empty());
      endRun(rebooted ? lost() : crash, builder.now, experiment.counts().recordsSeen());
    }
  }

  /** The end of a run whose unit is gone and has left no record. */
  private RunEnd lost() {
    return new RunEnd(
        Kind.INTERRUPTION,
        rebooted ? Cause.POWER_CUT : Cause.LOST,
        // A machine that is shut down in order ends its units, and they leave records.
        rebooted
            ? "the machine went down without a shutdown"
            : "its unit is gone and left no record",
        OptionalLong.empty());
  }

  private void beginRun(String invocation) {
    change(
        new Change.RunStarted(
            experiment.id(), experiment.counts().runs() + 1, invocation, builder.now));
    began = true;
    openRun = Optional.of(invocation);
  }

  /** Without a record it is not known how long the run took: that is counted as no time. */
  private void endRun(RunEnd end, Instant at, int recordsSeen) {
    endRun(end, at, recordsSeen, Duration.ZERO);
  }

  private void endRun(RunEnd end, Instant at, int recordsSeen, Duration lasted) {
    change(
        new Change.RunEnded(experiment.id(), openRun.orElseThrow(), at, end, recordsSeen, lasted));
    builder.runtime = builder.runtime.withKilled(experiment.id(), Optional.empty());
    openRun = Optional.empty();
    lastEnd = Optional.of(end);
  }

  private void reconcileStopping(Phase.Stopping stopping) {
    if (seen.isUp() || !seen.conclusive()) {
      // Down is not the end of it while a start or the stop is under way: its answer brings a look.
      askAgainToStop();
      if (!openRun.equals(stopping.invocation())) {
        Phase now = new Phase.Stopping(stopping.goal(), stopping.why(), openRun);
        experiment = builder.move(experiment, now, stopping.why());
      }
      return;
    }
    if (openRun.isPresent()) {
      RunEnd end = seen.unit().filter(this::isOpenRun).map(RunEnds::of).orElseGet(this::lost);
      endRun(judge(end, true, Optional.empty()), builder.now, experiment.counts().recordsSeen());
    }
    boolean finishedInTime =
        lastEnd.filter(end -> end.kind() == Kind.SUCCESS).isPresent()
            && experiment.progress().filter(Reconciler::allCyclesDone).isPresent();
    if (finishedInTime
        && seen.verdict().orElse(null) instanceof CompletionResult.Complete complete) {
      end(ExperimentState.COMPLETED, complete.evidence());
      return;
    }
    switch (stopping.goal()) {
      case COOLING -> {
        builder.effect(new Effect.ReleaseUnit(experiment.id()));
        experiment = builder.move(experiment, new Phase.Cooling(), stopping.why());
      }
      case STOPPED, FAILED -> end(stopping.goal(), stopping.why());
      default -> throw new IllegalStateException("no goal of a stop: " + stopping.goal());
    }
  }

  /** A stop may never have reached systemd: the coordinator died, or the call failed. */
  private void askAgainToStop() {
    if (experiment.phase() instanceof Phase.Stopping && seen.isUp() && seen.conclusive()) {
      builder.effect(new Effect.Stop(experiment.id()));
    }
  }

  private static boolean allCyclesDone(Progress progress) {
    OptionalInt of = progress.of();
    return of.isPresent() && progress.cycle() >= of.getAsInt();
  }

  private void reconcileUp(UnitStatus unit) {
    if (awaitsRestart(unit)) {
      if (isOpenRun(unit)) {
        endRun(RunEnds.of(unit), builder.now, experiment.counts().recordsSeen());
      } else {
        closeWithoutRecord("no record");
      }
      reconcileCrashed(unit);
      return;
    }
    Optional<String> invocation = unit.invocation();
    if (unit.active() != ActiveState.ACTIVE || invocation.isEmpty()) {
      return;
    }
    if (!openRun.equals(invocation)) {
      closeWithoutRecord("systemd began another run");
      beginRun(invocation.get());
    }
    Phase running = new Phase.Running(invocation.get());
    if (!experiment.phase().equals(running)) {
      builder.runtime = builder.runtime.withFailedDispatches(experiment.id(), 0);
      experiment =
          builder.move(
              experiment,
              running,
              experiment.counts().runs() == 1
                  ? "run 1 began"
                  : "run "
                      + experiment.counts().runs()
                      + " began, after "
                      + count(experiment.counts().crashes(), "crash", "crashes")
                      + (experiment.counts().interruptions() == 0
                          ? ""
                          : " and "
                              + count(
                                  experiment.counts().interruptions(),
                                  "interruption",
                                  "interruptions")));
    }
    if (!giveUpIfOutOfCrashes() && !giveUpIfOutOfTime(unit)) {
      updateRunContext();
      killIfHung();
      noteLife(unit);
    }
  }

  private Duration up(UnitStatus unit) {
    Duration up =
        unit.activation().activeSinceUptime().map(builder.uptime::minus).orElse(Duration.ZERO);
    return up.isNegative() ? Duration.ZERO : up;
  }

  /** The drop-in bounds the first run of a dispatch; runs that systemd restarts count here. */
  private boolean giveUpIfOutOfTime(UnitStatus unit) {
    boolean out =
        spec()
            .flatMap(spec -> spec.times().maxDuration())
            .filter(most -> experiment.counts().ran().plus(up(unit)).compareTo(most) >= 0)
            .isPresent();
    if (out) {
      experiment = builder.stop(experiment, ExperimentState.FAILED, OUT_OF_TIME, openRun);
    }
    return out;
  }

  private void killIfHung() {
    Optional<Duration> most = spec().flatMap(spec -> spec.times().noProgress());
    Optional<Duration> since = builder.state.progressAt(experiment.id());
    if (most.isEmpty() || since.isEmpty() || progressed || began) {
      return;
    }
    Duration silent = builder.uptime.minus(since.get());
    if (silent.compareTo(most.get()) >= 0) {
      builder.runtime =
          builder.runtime.withKilled(
              experiment.id(), Optional.of("no new cycle for " + Durations.brief(most.get())));
      // Asked for at each look until it is down: a call may have failed.
      builder.effect(new Effect.Kill(experiment.id()));
    }
  }

  /** An experiment that gets past what kills others of its group shows that the group is well. */
  private void noteLife(UnitStatus unit) {
    if (progressed || up(unit).compareTo(Breaker.EARLY) >= 0) {
      Breaker.lived(builder, experiment);
    }
  }

  private Optional<Spec> spec() {
    return builder.state.spec(experiment.id());
  }

  private void reconcileCrashed(UnitStatus unit) {
    if (giveUpIfOutOfCrashes()) {
      return;
    }
    if (!(experiment.phase() instanceof Phase.Restarting) || lastEnd.isPresent()) {
      String detail = lastEnd.map(RunEnd::detail).orElse("its end left no record");
      experiment =
          builder.move(
              experiment,
              new Phase.Restarting(unit.invocation().orElse("")),
              crashWords(detail) + "; systemd restarts it");
    }
    updateRunContext();
  }

  /** Should this coordinator die now, the next run is told all the same what is known by now. */
  private void updateRunContext() {
    if (lastEnd.isPresent() || progressed) {
      builder.effect(new Effect.UpdateContext(experiment));
    }
  }

  /** Stops an experiment that has crashed once too often, or for good. */
  private boolean giveUpIfOutOfCrashes() {
    Optional<String> why = outOfCrashes();
    why.ifPresent(
        reason -> experiment = builder.stop(experiment, ExperimentState.FAILED, reason, openRun));
    return why.isPresent();
  }

  private Optional<String> outOfCrashes() {
    if (lastEnd.filter(end -> end.cause() == Cause.TIME_LIMIT).isPresent()) {
      return Optional.of(OUT_OF_TIME);
    }
    return spec()
        .map(Spec::restart)
        .filter(policy -> policy.isExhausted(experiment.counts().crashes()))
        .map(
            policy ->
                "out of restarts: "
                    + crashWords(lastEnd.map(RunEnd::detail).orElse("see its runs"))
                    + ", "
                    + policy.maxCrashes().orElseThrow()
                    + " allowed");
  }

  private String crashWords(String detail) {
    return "crash " + experiment.counts().crashes() + ": " + detail;
  }

  private void reconcileDown() {
    Optional<UnitStatus> unit = seen.unit();
    if (openRun.isPresent()) {
      RunEnd end = unit.filter(this::isOpenRun).map(RunEnds::of).orElseGet(this::lost);
      endRun(judge(end, true, Optional.empty()), builder.now, experiment.counts().recordsSeen());
    }
    if (lastEnd.isEmpty()) {
      reconcileDownWithoutEnd(unit);
      return;
    }
    RunEnd end = lastEnd.get();
    switch (end.kind()) {
      case SUCCESS -> reconcileClaim(seen.verdict());
      case INTERRUPTION -> {
        if (end.cause() == Cause.OPERATOR && !isTakenDown()) {
          experiment =
              builder.hold(
                  experiment,
                  end.detail() + "; 'coord release' lets it go on, 'coord stop' ends it");
        } else {
          experiment = builder.requeue(experiment, "interrupted: " + end.detail() + "; it resumes");
        }
      }
      case CRASH -> {
        Optional<String> why = outOfCrashes();
        if (why.isPresent()) {
          end(ExperimentState.FAILED, why.get());
        } else if (unit.filter(u -> u.active() == ActiveState.FAILED).isPresent()) {
          end(ExperimentState.FAILED, "out of restarts: " + crashWords(end.detail()));
        } else if (unit.filter(Reconciler::wasRestarting).isPresent()) {
          holdAsStoppedBetweenRuns();
        } else {
          // systemd owed it a restart and is not there any more to give it.
          experiment =
              builder.requeue(experiment, crashWords(end.detail()) + "; it resumes from the queue");
        }
      }
    }
  }

  /** The unit is down and no run ended: either none ever began, or its end is known already. */
  private void reconcileDownWithoutEnd(Optional<UnitStatus> unit) {
    if (experiment.phase() instanceof Phase.Restarting) {
      if (unit.filter(u -> u.active() == ActiveState.FAILED).isPresent()) {
        end(
            ExperimentState.FAILED,
            "out of restarts: "
                + count(experiment.counts().crashes(), "crash", "crashes")
                + ", and systemd says "
                + unit.get().result());
      } else if (unit.isPresent()) {
        holdAsStoppedBetweenRuns();
      } else {
        experiment = builder.requeue(experiment, "its unit is gone; it resumes from the queue");
      }
    } else if (experiment.phase() instanceof Phase.Starting && seen.conclusive()) {
      if (rebooted || !builder.runtime.managerUp() || isTakenDown()) {
        experiment =
            builder.requeue(experiment, "its dispatch was cut short; it is dispatched again");
      } else {
        builder.dispatchFailed(experiment, "systemd did not start its unit", false);
      }
    }
  }

  private void holdAsStoppedBetweenRuns() {
    if (isTakenDown()) {
      experiment = builder.requeue(experiment, "interrupted: " + TAKEN_DOWN + "; it resumes");
      return;
    }
    experiment =
        builder.hold(
            experiment,
            "its unit was stopped with systemctl between two runs; 'coord release' lets it go on,"
                + " 'coord stop' ends it");
  }

  private void reconcileClaim(Optional<CompletionResult> verdict) {
    if (verdict.orElse(null) instanceof CompletionResult.Complete complete) {
      end(ExperimentState.COMPLETED, complete.evidence());
    } else if (verdict.orElse(null) instanceof CompletionResult.Incomplete incomplete) {
      end(ExperimentState.FAILED, "incomplete: " + incomplete.why());
    } else if (verdict.orElse(null) instanceof CompletionResult.Unverified unverified) {
      end(ExperimentState.FAILED, "not verified: it ended with success, but " + unverified.why());
    } else {
      end(
          ExperimentState.FAILED,
          "it ended with exit code 0, and whether it is complete cannot be verified: its stored"
              + " spec cannot be read by this version of coord");
    }
  }

  private void end(ExperimentState state, String reason) {
    experiment = builder.end(experiment, state, reason);
  }

  private void change(Change.OfExperiment change) {
    experiment = builder.change(experiment, change);
  }

  private static String count(int n, String one, String many) {
    return n + " " + (n == 1 ? one : many);
  }
}
