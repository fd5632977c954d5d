package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.dead;
import static io.coord.scheduler.core.DeciderHarness.exit;
import static io.coord.scheduler.core.DeciderHarness.exited;
import static io.coord.scheduler.core.DeciderHarness.failed;
import static io.coord.scheduler.core.DeciderHarness.killed;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static io.coord.scheduler.core.DeciderHarness.unit;
import static io.coord.scheduler.core.DeciderHarness.up;
import static io.coord.systemd.ExitRecord.StopRequest.NOT_REQUESTED;
import static io.coord.systemd.ExitRecord.StopRequest.REQUESTED;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.runner.CompletionResult;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stop by a person is what somebody requested, not what nothing else explains. */
class StopRequestTest {
  private static final int SIGTERM = 15;

  private final DeciderHarness harness = new DeciderHarness(2, 4);

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP", "KILL", "SEGV"})
  void aSignalFromElsewhereIsACrashWhereNoRestartIsAllowed(String signal) {
    harness.running(spec("a", OptionalInt.of(0)));
    harness.sees("a", killedUnit(), own(killed(run(1), signal)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a")).isEqualTo("signal " + signal + " (no restarts allowed)");
    assertThat(harness.causes()).containsExactly(Cause.SIGNAL);
    assertThat(harness.ends()).allMatch(end -> end.kind() == Kind.CRASH);
  }

  @Test
  void aSignalFromElsewhereIsACrashWithoutARecordToo() {
    harness.running(spec("a", OptionalInt.of(0)));
    harness.sees("a", killedUnit());
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.ends()).hasSize(1).allMatch(end -> end.kind() == Kind.CRASH);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void aProcessThatAnnouncesItsEndAndDoesNotEndIsACrash(int maxCrashes) {
    harness.running(spec("a", OptionalInt.of(maxCrashes)));
    ExitRecord record = own(exit(run(1), "timeout", "killed", "KILL", 0));
    harness.sees(
        "a",
        maxCrashes == 0
            ? failed(run(1), "timeout")
            : unit(ActiveState.ACTIVATING, "auto-restart", "timeout", run(1), 2, 9),
        record);
    assertThat(harness.stateOf("a"))
        .isEqualTo(maxCrashes == 0 ? ExperimentState.FAILED : ExperimentState.RESTARTING);
    assertThat(harness.causes()).containsExactly(Cause.SIGNAL);
    assertThat(harness.reasonOf("a")).contains("announced its end (STOPPING=1)");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void aCrashThatNobodySawBeforeAHeatStopIsACrash(int maxCrashes) {
    harness.running(spec("a", OptionalInt.of(maxCrashes)));
    harness.heat(90);
    harness.sees("a", failed(run(1), "signal"), own(killed(run(1), "SEGV")));
    assertThat(harness.ends()).hasSize(1).allMatch(end -> end.kind() == Kind.CRASH);
    assertThat(harness.stateOf("a"))
        .isEqualTo(maxCrashes == 0 ? ExperimentState.FAILED : ExperimentState.COOLING);
  }

  /** Its records could not be read when everything was compared after the boot. */
  @Test
  void aShutdownThatIsSeenLateIsTheShutdownsAndNotTheOperators() {
    harness.running("a");
    harness.sees(
        "a", Optional.empty(), Samples.inBoot("another boot", requested(killed(run(1), "TERM"))));
    assertThat(harness.causes()).containsExactly(Cause.REBOOT);
    assertThat(harness.stateOf("a")).isNotEqualTo(ExperimentState.HELD);
  }

  @Test
  void aSignalBeforeAShutdownIsACrash() {
    harness.running("a");
    harness.resync(
        "another boot", harness.seen("a", Optional.empty(), own(killed(run(1), "TERM"))));
    assertThat(harness.causes()).containsExactly(Cause.SIGNAL);
  }

  @ParameterizedTest
  @CsvSource({"exited, 0", "exited, 1", "exited, 130", "killed, TERM", "killed, KILL"})
  void aRequestedStopIsTheOperatorsHoweverTheProcessTakesIt(String code, String status) {
    harness.running("a");
    String result = status.equals("0") || status.equals("TERM") ? "success" : "exit-code";
    ExitRecord record = requested(exit(run(1), result, code, status, 0));
    UnitStatus unit =
        result.equals("success") ? dead(run(1), "success") : failed(run(1), "exit-code");
    harness.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                harness.seen("a", Optional.of(unit), record),
                new CompletionResult.Complete("exited with 0; no progress reported", false))));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.reasonOf("a")).startsWith("unit stopped with systemctl; continue with");
    assertThat(harness.causes()).containsExactly(Cause.OPERATOR);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
  }

  @Test
  void aRunThatHadDoneAllIsCompletedDespiteTheStop() {
    harness.running("a");
    harness.sees("a", up(run(1), "cycle 7/7"));
    harness.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                harness.seen(
                    "a", Optional.of(dead(run(1), "success")), requested(exited(run(1), 0))),
                new CompletionResult.Complete("all cycles are there"))));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void aRestartWithSystemctlIsAnInterruption(int maxCrashes) {
    harness.running(spec("a", OptionalInt.of(maxCrashes)));
    for (int i = 1; i <= 5; i++) {
      harness.sees("a", up(run(i + 1)), requested(killed(run(i), "TERM")));
    }
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
    assertThat(harness.experiment("a").counts().interruptions()).isEqualTo(5);
    assertThat(harness.ends())
        .allMatch(end -> end.cause() == Cause.OPERATOR)
        .allMatch(end -> end.detail().equals("unit restarted with systemctl"));
    assertThat(harness.effects(Effect.ForgetStarts.class)).as("no restart is used up").hasSize(5);
  }

  @Test
  void restartsWithSystemctlThatNobodyWatchedAreInterruptions() {
    harness.running("a");
    harness.resync(
        DeciderHarness.BOOT,
        harness.seen(
            "a",
            Optional.of(up(run(4))),
            requested(killed(run(1), "TERM")),
            own(exited(run(2), 3)),
            requested(exited(run(3), 1))));
    assertThat(harness.causes()).containsExactly(Cause.OPERATOR, Cause.EXIT_CODE, Cause.OPERATOR);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void aStopWhileARestartIsAwaitedHoldsAfterAnySignal() {
    harness.running("a");
    harness.sees(
        "a",
        unit(ActiveState.ACTIVATING, "auto-restart", "success", run(1), 2, SIGTERM),
        own(killed(run(1), "TERM")));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    harness.sees("a", killedUnit());
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void theSameInOneObservation() {
    harness.running("a");
    harness.sees("a", killedUnit(), own(killed(run(1), "TERM")));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.reasonOf("a")).startsWith("unit stopped with systemctl between two runs");
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void anOwnStopIsItsGoalsWhateverTheCode() {
    harness.running("a");
    harness.stop("a");
    harness.sees("a", failed(run(1), "exit-code"), requested(exited(run(1), 1)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(harness.causes()).containsExactly(Cause.OPERATOR);
  }

  @Test
  void aShutdownIsAnInterruptionWhateverTheCode() {
    harness.running("a");
    harness.resync(
        "another boot", harness.seen("a", Optional.empty(), requested(exited(run(1), 1))));
    assertThat(harness.causes()).containsExactly(Cause.REBOOT);
    assertThat(harness.dispatched()).containsExactly("a");
  }

  private static UnitStatus killedUnit() {
    return unit(ActiveState.INACTIVE, "dead", "success", run(1), 2, SIGTERM);
  }

  private static ExitRecord own(ExitRecord record) {
    return Samples.stop(record, NOT_REQUESTED);
  }

  private static ExitRecord requested(ExitRecord record) {
    return Samples.stop(record, REQUESTED);
  }
}
