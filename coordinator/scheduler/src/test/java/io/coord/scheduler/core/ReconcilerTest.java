package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.deactivating;
import static io.coord.scheduler.core.DeciderHarness.dead;
import static io.coord.scheduler.core.DeciderHarness.exit;
import static io.coord.scheduler.core.DeciderHarness.exited;
import static io.coord.scheduler.core.DeciderHarness.failed;
import static io.coord.scheduler.core.DeciderHarness.killed;
import static io.coord.scheduler.core.DeciderHarness.restarting;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static io.coord.scheduler.core.DeciderHarness.starting;
import static io.coord.scheduler.core.DeciderHarness.up;
import static io.coord.scheduler.core.DeciderHarness.withVerdict;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.Progress;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.runner.CompletionResult;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.event.Event.DispatchFailed.Fault;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.JobResult;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.testing.ExitRecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was seen of a unit, and what follows from it. */
class ReconcilerTest {
  private final DeciderHarness harness = new DeciderHarness(2, 8);

  private void claims(
      String id, Optional<UnitStatus> unit, CompletionResult verdict, String... exits) {
    ExitRecord[] records = new ExitRecord[exits.length];
    for (int i = 0; i < exits.length; i++) {
      records[i] = exited(run(i + 1), Integer.parseInt(exits[i]));
    }
    harness.happens(
        new Event.Observed(DeciderHarness.withVerdict(harness.seen(id, unit, records), verdict)));
  }

  // --- a run and its end

  @Test
  void seesARunBegin() {
    harness.enqueue(spec("a"));
    harness.forget();
    harness.sees("a", up(run(1)));
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(1)));
    assertThat(harness.experiment("a").counts().runs()).isEqualTo(1);
    assertThat(harness.reasonOf("a")).isEqualTo("run 1 started");
  }

  @Test
  void seesProgressOnce() {
    harness.running("a");
    harness.sees("a", up(run(1), "cycle 3/7"));
    harness.sees("a", up(run(1), "cycle 3/7"));
    assertThat(harness.changes).hasSize(1).first().isInstanceOf(Change.Progressed.class);
    assertThat(harness.experiment("a").progress()).contains(new Progress(3, OptionalInt.of(7)));
  }

  @Test
  void aRunThatNobodyWatchedBeganBeforeItsEnd() {
    harness.enqueue(spec("a"));
    harness.forget();
    harness.wait(Duration.ofHours(2));
    harness.seesItGone(
        "a",
        new ExitRecordBuilder(exited(run(1), 3))
            .endedAt(harness.now.minusSeconds(3600))
            .duration(Duration.ofMinutes(10))
            .build());
    Change.RunStarted began = only(Change.RunStarted.class);
    Change.RunEnded ended = only(Change.RunEnded.class);
    assertThat(began.at()).isEqualTo(ended.at().minus(Duration.ofMinutes(10)));
    assertThat(Duration.between(ended.at(), harness.now)).isGreaterThan(Duration.ofMinutes(59));
  }

  @Test
  void aRunningRunBeganWhenItsUnitDid() {
    harness.enqueue(spec("a"));
    harness.forget();
    harness.wait(Duration.ofHours(2));
    harness.sees("a", harness.up(run(1), "", Duration.ofMinutes(30)));
    assertThat(Duration.between(only(Change.RunStarted.class).at(), harness.now))
        .isBetween(Duration.ofMinutes(30), Duration.ofMinutes(30).plusSeconds(1));
  }

  @Test
  void cyclesBelongToTheRunThatReportedThem() {
    harness.enqueue(spec("a"));
    harness.forget();
    harness.sees(
        "a",
        up(run(3), "cycle 9/20"),
        new ExitRecordBuilder(exited(run(1), 3)).statusText("cycle 4/20").build(),
        new ExitRecordBuilder(exited(run(2), 3)).statusText("loading").build());
    assertThat(changes(Change.Progressed.class))
        .extracting(change -> change.invocation() + " " + change.progress().cycle())
        .containsExactly(run(1) + " 4", run(3) + " 9");
    // The same cycle in another run is that run's, too.
    harness.forget();
    harness.sees("a", up(run(4), "cycle 9/20"), exited(run(3), 3));
    assertThat(changes(Change.Progressed.class))
        .extracting(Change.Progressed::invocation)
        .containsExactly(run(4));
  }

  @Test
  void aReportThatCannotBeChangesNothing() {
    harness.running("a");
    harness.sees("a", up(run(1), "cycle 1/2"));
    harness.sees("a", up(run(1), "cycle 3/2"));
    harness.sees("a", up(run(1), "cycle NaN"));
    assertThat(harness.experiment("a").progress()).contains(new Progress(1, OptionalInt.of(2)));
  }

  @Test
  void anEarlyEndIsRecordedWithTheCyclesBeforeIt() {
    harness.running("a");
    harness.sees("a", up(run(1), "cycle 4/9"));
    harness.sees("a", up(run(1), "done early: converged"));
    assertThat(harness.experiment("a").progress())
        .contains(new Progress(4, OptionalInt.of(9), Optional.of("converged")));
    harness.sees("a", up(run(1), "cycle 5/9"));
    assertThat(harness.experiment("a").progress()).contains(new Progress(5, OptionalInt.of(9)));
  }

  private <T extends Change> List<T> changes(Class<T> kind) {
    return harness.changes.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private <T extends Change> T only(Class<T> kind) {
    assertThat(changes(kind)).hasSize(1);
    return changes(kind).get(0);
  }

  @Test
  void countsACrashThatSystemdRestarts() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Restarting(run(1)));
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
    assertThat(harness.reasonOf("a")).isEqualTo("crash 1: exit code 3; systemd restarts it");
    assertThat(harness.effects(Effect.UpdateContext.class)).hasSize(1);

    harness.sees("a", up(run(2)));
    assertThat(harness.reasonOf("a")).isEqualTo("run 2 started after 1 crash");
  }

  @Test
  void countsACrashFromTheUnitWhereTheRecordIsMissing() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"));
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void countsARunThatSystemdFollowedByAnotherWithoutAnyTrace() {
    harness.running("a");
    harness.sees("a", up(run(2)));
    assertThat(harness.causes()).containsExactly(Cause.LOST);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void countsThreeCrashesFromTheirRecords() {
    harness.running(spec("a", OptionalInt.of(5)));
    harness.resync(
        DeciderHarness.BOOT,
        harness.seen(
            "a", Optional.of(up(run(4))), exited(run(1), 3), exited(run(2), 4), exited(run(3), 5)));
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(3);
    assertThat(harness.experiment("a").counts().runs()).isEqualTo(4);
    assertThat(harness.experiment("a").counts().recordsSeen()).isEqualTo(3);
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(4)));
  }

  @Test
  void failsAnExhaustedExperimentAfterADaemonRestart() {
    harness.running("a");
    harness.resync(
        DeciderHarness.BOOT,
        harness.seen(
            "a",
            Optional.of(failed(run(3), "exit-code")),
            exited(run(1), 3),
            exited(run(2), 3),
            exited(run(3), 3)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a")).isEqualTo("exit code 3 (crash 3, restart limit reached)");
    assertThat(harness.ends()).hasSize(3);
  }

  @Test
  void storesTheRecordedTimeOfAnOldCrash() {
    harness.running("a");
    harness.now = harness.now.plus(Duration.ofHours(2));
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    Change.RunEnded end =
        harness.changes.stream()
            .filter(Change.RunEnded.class::isInstance)
            .map(Change.RunEnded.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(end.at()).isEqualTo(Instant.parse("2026-11-20T12:00:00Z"));
  }

  @Test
  void countsACrashWhileItsUnitWaitsBeforeTheNextStart() {
    harness.running("a");
    harness.sees("a", starting(run(2)), exited(run(1), 3));
    assertThat(harness.ends()).hasSize(1);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    harness.sees("a", up(run(2)));
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void waitsUntilAUnitIsUpOrDown() {
    harness.running("a");
    harness.sees("a", deactivating(run(1)), exited(run(1), 3));
    assertThat(harness.changes).isEmpty();

    harness.sees("a", up(run(2)), exited(run(1), 3));
    assertThat(harness.ends()).hasSize(1);
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void anOldObservationChangesNothingTwice() {
    harness.running("a");
    Observation old = harness.seen("a", Optional.of(up(run(1))));
    Observation crash =
        harness.seen("a", Optional.of(restarting(run(1), "exit-code")), exited(run(1), 3));
    harness.happens(new Event.Observed(crash));
    harness.forget();

    harness.happens(new Event.Observed(crash));
    harness.happens(new Event.Observed(old));
    assertThat(harness.changes).isEmpty();
    assertThat(harness.effects).hasSize(2).allMatch(Effect.Observe.class::isInstance);
  }

  @Test
  void doesNotTakeALookFromBeforeADispatchForItsFailure() {
    harness.running("a");
    Observation old = harness.seen("a", Optional.empty());
    harness.seesItGone("a");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    harness.forget();

    harness.happens(new Event.Observed(old));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void observesOnlyTheUnitThatChanged() {
    harness.running("a");
    harness.happens(new Event.UnitChanged("a"));
    harness.happens(new Event.UnitChanged("unknown"));
    assertThat(harness.effects).hasSize(1).allMatch(Effect.Observe.class::isInstance);
  }

  @Test
  void doesNotBelieveALookBeforeEverythingWasCompared() {
    harness.running("a");
    Observation gone = harness.seen("a", Optional.empty());
    harness.happens(new Event.ManagerLost("test"));
    harness.happens(new Event.Observed(gone));
    harness.happens(new Event.UnitChanged("a"));
    assertThat(harness.changes).isEmpty();
    assertThat(harness.effects).isEmpty();
  }

  @Test
  void looksAtEverythingAtEachHealthCheck() {
    harness.running("a");
    harness.happens(new Event.HealthDue());
    assertThat(harness.effects(Effect.Resync.class))
        .hasSize(1)
        .allMatch(resync -> resync.looks().size() == 1);
  }

  // --- claims of success

  @Test
  void completesAVerifiedSuccess() {
    harness.running("a");
    claims(
        "a",
        Optional.of(dead(run(1), "success")),
        new CompletionResult.Complete("7 of 7 cycles"),
        "0");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
    assertThat(harness.reasonOf("a")).isEqualTo("7 of 7 cycles");
    assertThat(harness.effects(Effect.ReleaseUnit.class)).hasSize(1);
    assertThat(harness.ends()).hasSize(1).allMatch(end -> end.kind() == Kind.SUCCESS);
  }

  @Test
  void failsAnIncompleteSuccess() {
    harness.running("a");
    claims(
        "a", Optional.of(dead(run(1), "success")), new CompletionResult.Incomplete("3 of 7"), "0");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a")).isEqualTo("incomplete: 3 of 7");
  }

  @Test
  void completesASuccessWhoseUnitWasUnloaded() {
    harness.running("a");
    harness.resync(
        DeciderHarness.BOOT,
        DeciderHarness.withVerdict(
            harness.seen("a", Optional.empty(), exited(run(1), 3), exited(run(2), 0)),
            new CompletionResult.Complete("done")));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE, Cause.SUCCESS);
  }

  @Test
  void failsAnIncompleteSuccessWhoseUnitWasUnloaded() {
    harness.running("a");
    claims("a", Optional.empty(), new CompletionResult.Incomplete("15 of 20 cycles"), "0");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
  }

  @Test
  void looksAgainAtAClaimThatWasNotVerifiedYet() {
    harness.running("a");
    harness.sees("a", dead(run(1), "success"), exited(run(1), 0));
    assertThat(harness.changes).isEmpty();
    assertThat(harness.effects).hasSize(1).allMatch(Effect.Observe.class::isInstance);
  }

  @Test
  void holdsASuccessWithAnUnreadableSpec() {
    State old =
        new State(
            new RestoredState(
                List.of(DeciderHarness.stored("a", 1, new Phase.Running(run(1)), false))::forEach,
                1,
                Optional.of(DeciderHarness.BOOT),
                List.of(),
                List.of(),
                CoordinatorState.INITIAL,
                anyId -> Optional.empty(),
                id -> Optional.of("spec of " + id)),
            harness.state.runtime(),
            text -> Optional.empty());
    Observation seen =
        new Observation(
            old.find("a").orElseThrow(),
            Optional.of(dead(run(1), "success")),
            List.of(exited(run(1), 0)),
            Optional.empty(),
            true,
            false);
    Decision decision =
        harness.decider.decide(old, new Event.Observed(seen), Samples.moment(harness.now));
    old.apply(decision.update(), Samples.moment(Instant.EPOCH));
    assertThat(old.find("a").orElseThrow().state()).isEqualTo(ExperimentState.HELD);
    assertThat(decision.changes().toString()).contains("cannot be read by this version of coord");
    assertThat(decision.effects()).noneMatch(Effect.Observe.class::isInstance);
  }

  // --- giving up

  @Test
  void restartsAfterAsManyCrashesAsAreAllowed() {
    harness.running(spec("a", OptionalInt.of(2)));
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    harness.sees("a", up(run(2)));
    harness.sees("a", restarting(run(2), "exit-code"), exited(run(2), 3));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    harness.sees("a", up(run(3)));

    harness.sees("a", restarting(run(3), "exit-code"), exited(run(3), 3));
    assertThat(harness.experiment("a").phase())
        .isEqualTo(
            new Phase.Stopping(
                ExperimentState.FAILED,
                "exit code 3 (crash 3, 2 restarts allowed)",
                Optional.empty()));
    harness.sees("a", dead(run(3), "exit-code"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.ends()).hasSize(3);
  }

  @Test
  void doesNotCountTheRunThatItStopsWhenItGivesUp() {
    harness.running(spec("a", OptionalInt.of(0)));
    harness.sees("a", up(run(2)), exited(run(1), 3));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    harness.sees("a", dead(run(2), "success"), killed(run(2), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE, Cause.LIMIT);
    assertThat(harness.reasonOf("a")).isEqualTo("exit code 3 (no restarts allowed)");
  }

  @Test
  void failsWhenSystemdStopsRestarting() {
    harness.running("a");
    harness.sees("a", failed(run(1), "exit-code"), exited(run(1), 3));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a")).isEqualTo("exit code 3 (crash 1, restart limit reached)");
  }

  @Test
  void failsAtTheStartLimitAfterTheLastCrashWasSeen() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    harness.sees("a", failed(run(1), "start-limit-hit"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a"))
        .contains("not restarted after 1 crash")
        .contains("start-limit-hit");
    assertThat(harness.ends()).hasSize(1);
  }

  @Test
  void failsARunThatExceededItsTimeLimit() {
    Spec limited = spec("a", 0, 1, OptionalInt.empty(), Optional.of(Duration.ofMinutes(1)));
    harness.running(limited);
    harness.sees("a", restarting(run(1), "timeout"), exit(run(1), "timeout", "killed", "TERM", 0));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    harness.sees("a", dead(run(1), "timeout"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.causes()).containsExactly(Cause.TIME_LIMIT);
    assertThat(harness.reasonOf("a")).isEqualTo("time limit exceeded");
  }

  // --- somebody else's doing

  @Test
  void holdsAUnitStoppedWithSystemctl() {
    harness.running("a");
    harness.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.causes()).containsExactly(Cause.OPERATOR);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
  }

  @Test
  void holdsAUnitThatSystemctlHadToKill() {
    harness.running("a");
    harness.sees("a", failed(run(1), "timeout"), exit(run(1), "timeout", "killed", "KILL", 0));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
  }

  @Test
  void holdsAUnitStoppedWithSystemctlBetweenTwoRuns() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    harness.sees("a", dead(run(1), "exit-code"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
  }

  @Test
  void failsAStrayTermAfterWhichSystemdMayNotRestart() {
    harness.running("a");
    harness.sees("a", failed(run(1), "start-limit-hit"), killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.causes()).containsExactly(Cause.SIGNAL);
    assertThat(harness.reasonOf("a")).isEqualTo("signal TERM (crash 1, restart limit reached)");
  }

  @Test
  void countsAStrayTermAsACrash() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "success"), killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    assertThat(harness.causes()).containsExactly(Cause.SIGNAL);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void requeuesAnExperimentWhoseUnitIsGone() {
    harness.running("a");
    harness.seesItGone("a");
    assertThat(harness.causes()).containsExactly(Cause.LOST);
    assertThat(harness.experiment("a").counts().interruptions()).isEqualTo(1);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
    assertThat(harness.dispatched()).containsExactly("a");
    assertThat(harness.experiment("a").status().resumesFirst()).isTrue();
  }

  @Test
  void resumesACrashThatSystemdIsNotThereToRestart() {
    harness.running("a");
    harness.seesItGone("a", exited(run(1), 3));
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void requeuesAfterACrashWhoseRestartNeverComes() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    harness.seesItGone("a");
    assertThat(harness.dispatched()).containsExactly("a");
    assertThat(harness.ends()).hasSize(1);
  }

  @Test
  void concludesNothingWhileTheManagerGoesDown() {
    harness.running("a");
    Observation seen =
        harness.seen("a", Optional.of(dead(run(1), "success")), killed(run(1), "TERM"));
    harness.happens(
        new Event.Observed(
            new Observation(
                seen.experiment(), seen.unit(), seen.records(), Optional.empty(), true, true)));
    assertThat(harness.changes).isEmpty();
  }

  // --- a reboot

  @Test
  void aShutdownIsAnInterruption() {
    harness.running("a");
    harness.resync("another boot", harness.seen("a", Optional.empty(), killed(run(1), "TERM")));
    assertThat(harness.causes()).containsExactly(Cause.REBOOT);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
    assertThat(harness.experiment("a").counts().interruptions()).isEqualTo(1);
    assertThat(harness.state.lastBoot()).contains("another boot");
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @ParameterizedTest
  @ValueSource(ints = {130, 143})
  void anExitOnShutdownIsAnInterruption(int code) {
    harness.running("a");
    harness.resync("another boot", harness.seen("a", Optional.empty(), exited(run(1), code)));
    assertThat(harness.causes()).containsExactly(Cause.REBOOT);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void theSameExitBeforeTheLastRunIsACrash() {
    harness.running("a");
    harness.resync(
        "another boot",
        harness.seen("a", Optional.empty(), exited(run(1), 143), exited(run(2), 143)));
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE, Cause.REBOOT);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void theSameExitWithoutAShutdownIsACrash() {
    harness.running("a");
    harness.resync(DeciderHarness.BOOT, harness.seen("a", Optional.empty(), exited(run(1), 143)));
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void theSameExitInThisBootIsACrash() {
    harness.running("a");
    ExitRecord exit = Samples.inBoot("another boot", exited(run(1), 143));
    harness.resync("another boot", harness.seen("a", Optional.empty(), exit));
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void aKillAtShutdownIsAnInterruption() {
    harness.running("a");
    harness.resync(
        "another boot",
        harness.seen("a", Optional.empty(), exit(run(1), "timeout", "killed", "KILL", 0)));
    assertThat(harness.causes()).containsExactly(Cause.REBOOT);
  }

  @Test
  void aPowerCutIsAnInterruption() {
    harness.running("a");
    harness.resync("another boot", harness.seen("a", Optional.empty()));
    assertThat(harness.causes()).containsExactly(Cause.POWER_CUT);
  }

  @Test
  void aRunBeforeABootThatRestartedTheUnitIsInterrupted() {
    harness.running("a");
    harness.resync("another boot", harness.seen("a", Optional.of(up(run(2)))));
    assertThat(harness.causes()).containsExactly(Cause.POWER_CUT);
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void countsACrashBeforeTheReboot() {
    harness.running("a");
    harness.resync("another boot", harness.seen("a", Optional.empty(), exited(run(1), 3)));
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void completesAStopAfterAPowerCut() {
    harness.running("a");
    harness.stop("a");
    harness.resync("another boot", harness.seen("a", Optional.empty()));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(harness.ends()).hasSize(1).allMatch(end -> end.kind() == Kind.INTERRUPTION);
  }

  @Test
  void leavesTheQueueAsItWas() {
    harness.running("a");
    harness.running("b");
    harness.enqueue(spec("c"));
    harness.enqueue(spec("d"));
    harness.hold("d");
    harness.resync(
        "another boot", harness.seen("a", Optional.empty()), harness.seen("b", Optional.empty()));
    assertThat(harness.stateOf("c")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.stateOf("d")).isEqualTo(ExperimentState.HELD);
  }

  // --- dispatches

  @Test
  void observesTheUnitAfterEachStartJob() {
    for (JobResult result : JobResult.values()) {
      if (result == JobResult.DEPENDENCY) {
        // It has begun no run: DispatchRetryTest.
        continue;
      }
      DeciderHarness one = new DeciderHarness(1, 8);
      one.enqueue(spec("a"));
      one.forget();
      one.happens(new Event.StartAnswered("a", result));
      assertThat(one.changes).isEmpty();
      assertThat(one.effects).hasSize(1).allMatch(Effect.Observe.class::isInstance);
    }
  }

  /** While the stop is under way, the end is seen; its answer comes later. */
  @Test
  void completesARunThatEndedWithSuccessWhenHeatStoppedIt() {
    harness.running("a");
    harness.sees("a", up(run(1), "cycle 3/3"));
    harness.heat(90);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    Optional<UnitStatus> down = Optional.of(dead(run(1), "success"));
    harness.happens(
        new Event.Observed(
            DeciderHarness.inconclusive(
                withVerdict(
                    harness.seen("a", down, exited(run(1), 0)),
                    new CompletionResult.Complete("3 of 3 cycles")))));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    harness.happens(
        new Event.Observed(
            withVerdict(
                harness.seen("a", down, exited(run(1), 0)),
                new CompletionResult.Complete("3 of 3 cycles"))));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
  }

  @Test
  void waitsWhileADispatchWithoutATraceIsUnderWay() {
    harness.enqueue(spec("a"));
    harness.forget();
    harness.happens(
        new Event.Observed(DeciderHarness.inconclusive(harness.seen("a", Optional.empty()))));
    assertThat(harness.changes).isEmpty();
  }

  @Test
  void dispatchesAgainAfterADaemonRestart() {
    harness.enqueue(spec("a"));
    harness.forget();
    harness.happens(new Event.ManagerLost("test"));
    harness.resync(DeciderHarness.BOOT, harness.seen("a", Optional.empty()));
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void adoptsTheRunOfThePreviousDaemon() {
    harness.enqueue(spec("a"));
    harness.forget();
    harness.resync(DeciderHarness.BOOT, harness.seen("a", Optional.of(up(run(1)))));
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(1)));
    assertThat(harness.dispatched()).isEmpty();
  }

  @Test
  void waitsForAStartThatTheDaemonBeforeItLeftInTheQueue() {
    harness.enqueue(spec("a"));
    harness.forget();
    harness.resync(DeciderHarness.BOOT, harness.seen("a", Optional.of(Samples.queued())));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    assertThat(harness.effects(Effect.ReleaseUnit.class)).isEmpty();

    harness.sees("a", up(run(1)));
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(1)));
  }

  @Test
  void stopsAStartThatTheDaemonBeforeItLeftInTheQueue() {
    harness.enqueue(spec("a"));
    harness.happens(new Event.StopAsked(1, "a", "ada"));
    harness.forget();
    harness.sees("a", Samples.queued());
    assertThat(harness.effects(Effect.Stop.class)).containsExactly(new Effect.Stop("a"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
  }

  @Test
  void failsADispatchThatWouldFailForEver() {
    harness.enqueue(spec("a"));
    harness.happens(
        new Event.DispatchFailed("a", "cannot launch 'a': no such file", Fault.LASTING));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a")).isEqualTo("cannot launch 'a': no such file");
  }

  @Test
  void holdsAForbiddenDispatchUntilARelease() {
    harness.enqueue(spec("a"));
    harness.happens(new Event.DispatchForbidden("a", "it is root's"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.reasonOf("a")).isEqualTo("it is root's");
    assertThat(harness.effects(Effect.ReleaseUnit.class))
        .containsExactly(new Effect.ReleaseUnit("a"));

    harness.forget();
    harness.happens(new Event.HealthDue());
    assertThat(harness.dispatched()).isEmpty();
    harness.happens(new Event.ReleaseAsked(1, "a", "ada"));
    assertThat(harness.dispatched()).containsExactly("a");
    harness.stop("a");
    harness.forget();
    harness.happens(new Event.DispatchForbidden("a", "late"));
    assertThat(harness.changes).isEmpty();
  }

  @Test
  void forgetsFailedDispatchesAfterASuccess() {
    harness.enqueue(spec("a"));
    harness.happens(new Event.DispatchFailed("a", "test", Fault.PASSING));
    harness.wait(Duration.ofSeconds(5));
    harness.happens(new Event.HealthDue());
    harness.sees("a", up(run(1)));
    assertThat(harness.state.runtime().dispatch().retries()).isEmpty();
  }

  @Test
  void ignoresAFailedDispatchOfAStoppedExperiment() {
    harness.enqueue(spec("a"));
    harness.stop("a");
    harness.forget();
    harness.happens(new Event.DispatchFailed("a", "test", Fault.PASSING));
    assertThat(harness.changes).isEmpty();
  }

  // --- stops

  @Test
  void asksAgainForAStopThatDidNotReachSystemd() {
    harness.running("a");
    harness.stop("a");
    harness.forget();
    harness.sees("a", up(run(1)));
    assertThat(harness.effects(Effect.Stop.class)).hasSize(1);
    harness.sees("a", starting(run(2)));
    assertThat(harness.effects(Effect.Stop.class)).hasSize(2);
    assertThat(harness.changes).isEmpty();
  }

  @Test
  void asksAgainForAStopOfADaemonBeforeIt() {
    harness.running("a");
    harness.stop("a");
    harness.forget();
    harness.resync(DeciderHarness.BOOT, harness.seen("a", Optional.empty()));
    assertThat(harness.effects(Effect.Stop.class)).hasSize(1);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    harness.seesItGone("a", killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
  }

  @Test
  void endsARunOnceThatEndedBeforeTheStop() {
    harness.running("a");
    harness.stop("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    harness.sees("a", dead(run(1), "exit-code"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void understandsTheEndOfAStopThatCouldNotBeStored() {
    harness.running("a");
    harness.ledgerFails(true);
    harness.happens(new Event.StopAsked(99, "a", "ada"));
    harness.ledgerFails(false);
    harness.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(harness.reasonOf("a")).isEqualTo("stopped by ada");
    assertThat(harness.moves("a")).hasSize(2);
  }

  @Test
  void asksAgainForAStopThatCouldNeitherBeStoredNorDone() {
    harness.running("a");
    harness.ledgerFails(true);
    harness.happens(new Event.StopAsked(99, "a", "ada"));
    harness.ledgerFails(false);
    harness.sees("a", up(run(1)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    assertThat(harness.effects(Effect.Stop.class)).hasSize(1);
  }

  @Test
  void staysDisconnectedIfTheResyncCouldNotBeStored() {
    harness.running("a");
    harness.happens(new Event.ManagerLost("test"));
    harness.ledgerFails(true);
    harness.resync("another boot", harness.seen("a", Optional.empty()));
    assertThat(harness.state.runtime().manager().up()).isFalse();
    harness.ledgerFails(false);
    harness.resync("another boot", harness.seen("a", Optional.empty()));
    assertThat(harness.causes()).containsExactly(Cause.POWER_CUT);
  }

  // --- leftovers

  @Test
  void cleansUpAfterThoseThatHoldNoSlot() {
    harness.running("a");
    harness.happens(
        new Event.Resynced(
            DeciderHarness.BOOT,
            List.of(harness.seen("a", Optional.of(up(run(1))))),
            List.of("a", "forgotten"),
            List.of()));
    assertThat(harness.effects(Effect.ReleaseUnit.class))
        .extracting(Effect.ReleaseUnit::id)
        .containsExactly("forgotten");
  }
}
