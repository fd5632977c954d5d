package io.coord.scheduler.sim.oracle;

import static io.coord.scheduler.sim.oracle.Oracle.require;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.Run;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.persistence.Transition;
import io.coord.scheduler.sim.oracle.Truth.TrueRun;
import io.coord.systemd.ExitRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares what the ledger says in the end with what has really happened. */
public final class LedgerAudit {
  private static final EnumSet<Cause> OF_OUR_STOP =
      EnumSet.of(Cause.OPERATOR, Cause.HEAT, Cause.LIMIT);
  private static final EnumSet<Cause> OF_A_STOP =
      EnumSet.of(Cause.OPERATOR, Cause.HEAT, Cause.LIMIT, Cause.LOST);

  /** What was being stopped when the machine went down was stopped. */
  private static final EnumSet<Cause> OF_A_SHUTDOWN =
      EnumSet.of(Cause.OPERATOR, Cause.HEAT, Cause.LIMIT, Cause.REBOOT);

  private static final EnumSet<Cause> BEFORE_A_BOOT =
      EnumSet.of(
          Cause.OPERATOR, Cause.HEAT, Cause.LIMIT, Cause.LOST, Cause.REBOOT, Cause.POWER_CUT);

  /** Where the spec says nothing, systemd allows three restarts in five minutes. */
  private static final int DEFAULT_CRASHES = 3;

  /** Two clocks, one that counts whole seconds, and what is not worth a correction. */
  private static final Duration CLOCKS_DIFFER = Duration.ofSeconds(4);

  private final Truth truth;
  private final Ledger ledger;

  public LedgerAudit(Truth truth, Ledger ledger) {
    this.truth = truth;
    this.ledger = ledger;
  }

  /** Checks everything that has ended. */
  public void check() {
    TreeSet<Long> sequences = new TreeSet<>();
    TreeSet<String> ids = new TreeSet<>();
    for (Experiment experiment : ledger.ended(1000)) {
      ids.add(experiment.id());
      require(sequences.add(experiment.sequence()), Rule.SEQUENCE, experiment::toString);
      checkTransitions(experiment);
      checkRuns(experiment);
      checkEnd(experiment);
      checkFollows(experiment);
    }
    require(
        ids.containsAll(truth.acknowledged()),
        Rule.LOST,
        () -> "acknowledged " + truth.acknowledged() + ", ended " + ids);
    require(truth.leftovers().isEmpty(), Rule.LEFTOVER, () -> truth.leftovers().toString());
  }

  private void checkTransitions(Experiment experiment) {
    List<Transition> transitions = ledger.transitions(experiment.id());
    ExperimentState state = ExperimentState.QUEUED;
    for (Transition step : transitions.subList(1, transitions.size())) {
      ExperimentState before = state;
      require(step.from() == before, Rule.HISTORY, () -> step + " after " + before);
      state = step.to();
    }
    require(state == experiment.state(), Rule.HISTORY, () -> experiment + " after " + transitions);
  }

  /**
   * Every run that left an exit record is in the ledger once. It is a crash there if and only if it
   * ended by itself without success; only where a stop was asked for before anybody had looked, the
   * crash may be called the stop's doing. A run without a record is an interruption, or a crash of
   * unknown cause if systemd went on with another run.
   */
  private void checkRuns(Experiment experiment) {
    String id = experiment.id();
    List<Run> runs = ledger.runs(id);
    TreeMap<String, Run> byInvocation = new TreeMap<>();
    runs.forEach(run -> byInvocation.put(run.invocation(), run));
    require(byInvocation.size() == runs.size(), Rule.RUN_MISSING, () -> "twice: " + runs);
    require(
        experiment.counts().runs() == runs.size()
            && experiment.counts().crashes() == count(runs, Kind.CRASH)
            && experiment.counts().interruptions() == count(runs, Kind.INTERRUPTION),
        Rule.COUNTS,
        () -> experiment + ", " + runs);
    for (TrueRun run : truth.runs()) {
      if (run.id().equals(id)) {
        checkRun(experiment, run, Optional.ofNullable(byInvocation.remove(run.invocation())));
      }
    }
    require(byInvocation.isEmpty(), Rule.RUN_MISSING, () -> "never were: " + byInvocation.values());
  }

  /** The record of a run could not be read for so long that nobody waited for it. */
  private static boolean isUnread(RunEnd end) {
    return end.kind() == Kind.INTERRUPTION
        && end.cause() == Cause.LOST
        && end.detail().startsWith("cannot ");
  }

  /** Nobody need know of the runs that followed in the meantime, nor of one that nobody saw. */
  private boolean wasUnread(Experiment experiment) {
    if (experiment.status().reason().contains("; whether it has run is not known: ")) {
      return true;
    }
    return ledger.runs(experiment.id()).stream()
        .anyMatch(run -> run.end().filter(LedgerAudit::isUnread).isPresent());
  }

  private void checkRun(Experiment experiment, TrueRun real, Optional<Run> stored) {
    if (real.exit().isEmpty()) {
      stored.flatMap(Run::end).ifPresent(end -> checkUnrecorded(real, end));
      return;
    }
    ExitRecord exit = real.exit().get();
    if (stored.isEmpty() && wasUnread(experiment)) {
      return;
    }
    require(
        stored.flatMap(Run::end).isPresent(),
        Rule.RUN_MISSING,
        () -> real + " of " + experiment + ": " + stored);
    RunEnd end = stored.orElseThrow().end().orElseThrow();
    if (isUnread(end)) {
      return;
    }
    checkTime(real, exit, stored.orElseThrow());
    String what = "end " + exit + " of " + experiment.id() + " as " + end;
    Asked asked = truth.asked(spec(experiment));
    boolean outOfTime =
        end.cause() == Cause.TIME_LIMIT
            && exit.result().equals("timeout")
            && asked.bounds().maxDuration().isPresent();
    if (real.stray() && !SimulatedProgram.isCrash(exit)) {
      checkStray(real, end);
    } else if (outOfTime) {
      require(end.kind() == Kind.CRASH, Rule.RUN_KIND, () -> what);
    } else if (SimulatedProgram.isCrash(exit)) {
      EnumSet<Cause> stops = real.wentDown() ? OF_A_SHUTDOWN : OF_OUR_STOP;
      boolean maskedByStop = end.kind() == Kind.INTERRUPTION && stops.contains(end.cause());
      require(end.kind() == Kind.CRASH || maskedByStop, Rule.RUN_KIND, () -> what);
      require(
          end.kind() != Kind.CRASH || causesOf(exit, asked).contains(end.cause()),
          Rule.RUN_CAUSE,
          () -> what);
    } else if (exit.exit().status().equals("0")) {
      require(end.kind() == Kind.SUCCESS, Rule.RUN_KIND, () -> what);
    } else {
      require(end.kind() == Kind.INTERRUPTION, Rule.RUN_KIND, () -> what);
      // Who comes back after a reboot cannot tell a stop before it from the shutdown's.
      boolean beforeABoot = !exit.bootId().equals(truth.bootId());
      EnumSet<Cause> otherwise = beforeABoot ? BEFORE_A_BOOT : OF_A_STOP;
      require(
          (real.wentDown() ? OF_A_SHUTDOWN : otherwise).contains(end.cause()),
          Rule.RUN_CAUSE,
          () -> what);
    }
  }

  /** What a crash may be called. */
  private static EnumSet<Cause> causesOf(ExitRecord exit, Asked asked) {
    return switch (exit.result()) {
      case "oom-kill" -> EnumSet.of(Cause.OUT_OF_MEMORY);
      case "watchdog" -> EnumSet.of(Cause.WATCHDOG);
      case "exit-code" ->
          exit.exit().status().equals("203")
              ? EnumSet.of(Cause.EXIT_CODE, Cause.START)
              : EnumSet.of(Cause.EXIT_CODE);
      default ->
          asked.bounds().noProgress().isPresent() && exit.exit().status().equals("KILL")
              ? EnumSet.of(Cause.SIGNAL, Cause.NO_PROGRESS)
              : EnumSet.of(Cause.SIGNAL);
    };
  }

  private void checkTime(TrueRun real, ExitRecord exit, Run stored) {
    Duration lasted = stored.lasted().orElse(Duration.ZERO);
    Duration really = Duration.ofMillis(exit.durationMillis().orElse(0));
    require(
        lasted.minus(really).abs().compareTo(CLOCKS_DIFFER) <= 0,
        Rule.RUN_TIME,
        () -> stored + " lasted " + really + ": " + real);
    Instant end = real.began().plus(really);
    require(
        truth.wasClockChanged()
            || (isNear(stored.startedAt(), real.began())
                && isNear(stored.endedAt().orElse(Instant.MIN), end)),
        Rule.RUN_TIME,
        () -> stored + " began " + real.began() + " and ended " + end);
  }

  private static boolean isNear(Instant one, Instant other) {
    return !one.isBefore(other.minus(CLOCKS_DIFFER)) && !one.isAfter(other.plus(CLOCKS_DIFFER));
  }

  /**
   * systemd takes it for a clean end, so that only what the unit does next tells it from a stop:
   * where that is not known any more, it may be called one.
   */
  private void checkStray(TrueRun real, RunEnd end) {
    boolean beforeABoot = !real.exit().orElseThrow().bootId().equals(truth.bootId());
    EnumSet<Cause> otherwise = truth.wasManagerKilled() ? OF_A_STOP : OF_OUR_STOP;
    require(
        end.kind() == Kind.CRASH
            || (end.kind() == Kind.INTERRUPTION
                && (beforeABoot ? BEFORE_A_BOOT : otherwise).contains(end.cause())),
        Rule.RUN_KIND,
        () -> "stray signal " + real + " as " + end);
  }

  private static void checkUnrecorded(TrueRun real, RunEnd end) {
    boolean right =
        real.wentDown()
            ? end.kind() == Kind.INTERRUPTION && end.cause() == Cause.POWER_CUT
            : end.kind() != Kind.SUCCESS
                && (end.cause() == Cause.LOST || end.cause() == Cause.POWER_CUT);
    require(right, Rule.RUN_KIND, () -> real + " as " + end);
  }

  private static int count(List<Run> runs, Kind kind) {
    return (int)
        runs.stream().flatMap(run -> run.end().stream()).filter(end -> end.kind() == kind).count();
  }

  /** It ended as such a program must. */
  private void checkEnd(Experiment experiment) {
    SimulatedProgram program = truth.program(spec(experiment), experiment.id());
    boolean right =
        switch (experiment.state()) {
          case COMPLETED -> program.completed();
          case FAILED -> mayFail(program, experiment);
          case STOPPED -> experiment.status().reason().contains("stopped by");
          case QUEUED, HELD, STARTING, RUNNING, RESTARTING, PAUSED, COOLING, STOPPING, VERIFYING ->
              false;
        };
    require(right, Rule.END, () -> program + ": " + experiment);
  }

  /** One that was to run after another that did not complete has not run. */
  private void checkFollows(Experiment experiment) {
    for (String before : truth.asked(spec(experiment)).conditions().after()) {
      boolean completed = ledger.find(before).orElseThrow().state() == ExperimentState.COMPLETED;
      require(
          completed
              || (experiment.state() != ExperimentState.COMPLETED
                  && experiment.counts().runs() == 0),
          Rule.DEPENDENCY,
          () -> experiment + " after " + before);
    }
  }

  private Duration ran(String id) {
    return Duration.ofMillis(
        truth.runs().stream()
            .filter(run -> run.id().equals(id))
            .flatMap(run -> run.exit().stream())
            .mapToLong(exit -> exit.durationMillis().orElse(0))
            .sum());
  }

  private boolean mayFail(SimulatedProgram program, Experiment experiment) {
    Asked asked = truth.asked(spec(experiment));
    String reason = experiment.status().reason();
    if (reason.contains("tried 5 times")) {
      return true;
    }
    if (reason.contains("dependency '")) {
      return !asked.conditions().after().isEmpty();
    }
    if (reason.contains("time limit")) {
      return asked
          .bounds()
          .maxDuration()
          .filter(most -> ran(experiment.id()).compareTo(most) >= 0)
          .isPresent();
    }
    int strays =
        (int)
            truth.runs().stream()
                .filter(run -> run.id().equals(experiment.id()) && run.stray())
                .count();
    if (strays > 0 && truth.stoppedOutside(experiment.id())) {
      // A signal that comes while systemctl stops a unit leaves it failed.
      return true;
    }
    int allowed = asked.bounds().maxCrashes().orElse(DEFAULT_CRASHES);
    return switch (program.temper) {
      case DILIGENT -> strays > allowed;
      case IDLE -> strays > allowed || asked.bounds().noProgress().isPresent();
      case FRAIL -> program.crashesToCome() + strays > allowed;
      case BROKEN, LIAR, MISSING, UNLAUNCHABLE -> true;
    };
  }

  private String spec(Experiment experiment) {
    return ledger.spec(experiment.id()).orElseThrow();
  }
}
