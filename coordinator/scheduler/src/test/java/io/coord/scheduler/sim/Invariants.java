package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.Run;
import io.coord.persistence.RunEnd;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.persistence.Transition;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.Transitions;
import io.coord.systemd.ExitRecord;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares what the ledger says in the end with what has really happened. */
final class Invariants {
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

  private final SimulatedWorld world;
  private final Ledger ledger;

  Invariants(SimulatedWorld world, Ledger ledger) {
    this.world = world;
    this.ledger = ledger;
  }

  void check() {
    TreeSet<Long> sequences = new TreeSet<>();
    List<Experiment> all = ledger.ended(1000);
    assertThat(all).extracting(Experiment::id).containsAll(world.acknowledged.keySet());
    for (Experiment experiment : all) {
      assertThat(sequences.add(experiment.sequence())).as(experiment.id()).isTrue();
      checkTransitions(experiment);
      checkRuns(experiment);
      checkEnd(experiment);
      checkFollows(experiment);
    }
    assertThat(world.machine.manager.running()).as("processes that are left").isEmpty();
    assertThat(world.machine.prepared()).as("drop-ins that are left").isEmpty();
  }

  private void checkTransitions(Experiment experiment) {
    List<Transition> transitions = ledger.transitions(experiment.id());
    ExperimentState state = ExperimentState.QUEUED;
    for (Transition step : transitions.subList(1, transitions.size())) {
      assertThat(step.from()).as("chain of " + transitions).isEqualTo(state);
      assertThat(Transitions.allowed(step.from(), step.to())).as(step.toString()).isTrue();
      state = step.to();
    }
    assertThat(state).isEqualTo(experiment.state());
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
    assertThat(byInvocation).hasSameSizeAs(runs);
    assertThat(experiment.counts().runs()).as("runs of " + id).isEqualTo(runs.size());
    assertThat(experiment.counts().crashes())
        .as("crashes of " + id)
        .isEqualTo(count(runs, Kind.CRASH));
    assertThat(experiment.counts().interruptions())
        .as("interruptions of " + id)
        .isEqualTo(count(runs, Kind.INTERRUPTION));

    for (SimulatedMachine.TrueRun truth : world.machine.runs()) {
      if (!truth.id().equals(id)) {
        continue;
      }
      Optional<Run> run = Optional.ofNullable(byInvocation.remove(truth.invocation()));
      if (truth.exit().isEmpty()) {
        run.flatMap(Run::end).ifPresent(end -> checkUnrecorded(truth, end));
        continue;
      }
      ExitRecord exit = truth.exit().get();
      assertThat(run).as("run " + exit + " of " + id + " in " + runs).isPresent();
      RunEnd end = run.orElseThrow().end().orElseThrow();
      boolean outOfTime =
          end.cause() == Cause.TIME_LIMIT
              && exit.result().equals("timeout")
              && spec(experiment).times().maxDuration().isPresent();
      if (truth.stray() && !SimulatedProgram.isCrash(exit)) {
        checkStray(truth, end);
      } else if (outOfTime) {
        assertThat(end.kind()).as("end " + exit + " of " + id).isEqualTo(Kind.CRASH);
      } else if (SimulatedProgram.isCrash(exit)) {
        boolean maskedByStop = end.kind() == Kind.INTERRUPTION && OF_OUR_STOP.contains(end.cause());
        assertThat(end.kind() == Kind.CRASH || maskedByStop)
            .as("crash " + exit + " of " + id + " as " + end)
            .isTrue();
      } else if (exit.exit().status().equals("0")) {
        assertThat(end.kind()).as("end " + exit + " of " + id).isEqualTo(Kind.SUCCESS);
      } else {
        assertThat(end.kind())
            .as("stop " + exit + " of " + id + " as " + end)
            .isEqualTo(Kind.INTERRUPTION);
        // Who comes back after a reboot cannot tell a stop before it from the shutdown's.
        boolean beforeABoot = !exit.bootId().equals(world.machine.manager.bootId());
        EnumSet<Cause> otherwise = beforeABoot ? BEFORE_A_BOOT : OF_A_STOP;
        assertThat(truth.wentDown() ? OF_A_SHUTDOWN : otherwise)
            .as("stop " + exit + " of " + id + " as " + end)
            .contains(end.cause());
      }
    }
    assertThat(byInvocation.values()).as("runs of " + id + " that never were").isEmpty();
  }

  /**
   * systemd takes it for a clean end, so that only what the unit does next tells it from a stop:
   * where that is not known any more, it may be called one.
   */
  private void checkStray(SimulatedMachine.TrueRun truth, RunEnd end) {
    boolean beforeABoot =
        !truth.exit().orElseThrow().bootId().equals(world.machine.manager.bootId());
    EnumSet<Cause> otherwise = world.machine.wasManagerKilled() ? OF_A_STOP : OF_OUR_STOP;
    assertThat(
            end.kind() == Kind.CRASH
                || (end.kind() == Kind.INTERRUPTION
                    && (beforeABoot ? BEFORE_A_BOOT : otherwise).contains(end.cause())))
        .as("stray signal " + truth + " as " + end)
        .isTrue();
  }

  private static void checkUnrecorded(SimulatedMachine.TrueRun truth, RunEnd end) {
    if (truth.wentDown()) {
      assertThat(end.kind()).as(truth + " as " + end).isEqualTo(Kind.INTERRUPTION);
      assertThat(end.cause()).as(truth + " as " + end).isEqualTo(Cause.POWER_CUT);
    } else {
      assertThat(end.kind()).as(truth + " as " + end).isNotEqualTo(Kind.SUCCESS);
      assertThat(end.cause()).as(truth + " as " + end).isIn(Cause.LOST, Cause.POWER_CUT);
    }
  }

  private static int count(List<Run> runs, Kind kind) {
    return (int)
        runs.stream().flatMap(run -> run.end().stream()).filter(end -> end.kind() == kind).count();
  }

  /** It ended as such a program must. */
  private void checkEnd(Experiment experiment) {
    String id = experiment.id();
    SimulatedProgram program = world.machine.program(experiment.submission().spec(), id);
    String what = "%s, %s: %s".formatted(id, program, experiment);
    assertThat(experiment.state().isFinal()).as("is done: " + what).isTrue();
    switch (experiment.state()) {
      case COMPLETED -> assertThat(program.completed()).as("is complete: " + what).isTrue();
      case FAILED -> assertThat(mayFail(program, experiment)).as("may fail: " + what).isTrue();
      default -> assertThat(experiment.status().reason()).as(what).contains("stopped by");
    }
  }

  private Spec spec(Experiment experiment) {
    return Optional.ofNullable(world.specs.get(experiment.submission().spec())).orElseThrow();
  }

  private OptionalInt maxCrashes(Experiment experiment) {
    return spec(experiment).restart().maxCrashes();
  }

  /** One that was to run after another that did not complete has not run. */
  private void checkFollows(Experiment experiment) {
    for (String before : spec(experiment).ordering().after()) {
      if (ledger.find(before).orElseThrow().state() != ExperimentState.COMPLETED) {
        assertThat(experiment.state())
            .as("after " + before + ": " + experiment)
            .isIn(ExperimentState.FAILED, ExperimentState.STOPPED);
        assertThat(experiment.counts().runs()).as("after " + before + ": " + experiment).isZero();
      }
    }
  }

  private Duration ran(String id) {
    return Duration.ofMillis(
        world.machine.runs().stream()
            .filter(run -> run.id().equals(id))
            .flatMap(run -> run.exit().stream())
            .mapToLong(exit -> exit.durationMillis().orElse(0))
            .sum());
  }

  private boolean mayFail(SimulatedProgram program, Experiment experiment) {
    if (experiment.status().reason().contains("tried 5 times")) {
      return true;
    }
    if (experiment.status().reason().contains("dependency '")) {
      return !spec(experiment).ordering().after().isEmpty();
    }
    if (experiment.status().reason().contains("time limit")) {
      return spec(experiment)
          .times()
          .maxDuration()
          .filter(most -> ran(experiment.id()).compareTo(most) >= 0)
          .isPresent();
    }
    if (world.machine.strays(experiment.id()) > 0
        && world.stoppedFromOutside.contains(experiment.id())) {
      // A signal that comes while systemctl stops a unit leaves it failed.
      return true;
    }
    // Where the spec says nothing, systemd allows three restarts in five minutes.
    int allowed = maxCrashes(experiment).orElse(3);
    int strays = world.machine.strays(experiment.id());
    return switch (program.temper) {
      case DILIGENT -> strays > allowed;
      case IDLE -> strays > allowed || spec(experiment).times().noProgress().isPresent();
      case FRAIL -> program.crashesToCome() + strays > allowed;
      case BROKEN, LIAR, MISSING, UNLAUNCHABLE -> true;
    };
  }
}
