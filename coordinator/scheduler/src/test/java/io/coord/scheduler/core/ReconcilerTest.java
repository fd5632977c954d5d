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
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.JobResult;
import io.coord.systemd.UnitStatus;
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
  private final DeciderHarness desk = new DeciderHarness(2, 8);

  private void claims(
      String id, Optional<UnitStatus> unit, CompletionResult verdict, String... exits) {
    ExitRecord[] records = new ExitRecord[exits.length];
    for (int i = 0; i < exits.length; i++) {
      records[i] = exited(run(i + 1), Integer.parseInt(exits[i]));
    }
    desk.happens(
        new Event.Observed(DeciderHarness.withVerdict(desk.seen(id, unit, records), verdict)));
  }

  // --- a run and its end

  @Test
  void seesARunBegin() {
    desk.enqueue(spec("a"));
    desk.forget();
    desk.sees("a", up(run(1)));
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(1)));
    assertThat(desk.experiment("a").counts().runs()).isEqualTo(1);
    assertThat(desk.reasonOf("a")).isEqualTo("run 1 started");
  }

  @Test
  void seesProgressOnce() {
    desk.running("a");
    desk.sees("a", up(run(1), "cycle 3/7"));
    desk.sees("a", up(run(1), "cycle 3/7"));
    assertThat(desk.changes).hasSize(1).first().isInstanceOf(Change.Progressed.class);
    assertThat(desk.experiment("a").progress()).contains(new Progress(3, OptionalInt.of(7)));
  }

  @Test
  void countsACrashThatSystemdRestarts() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Restarting(run(1)));
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
    assertThat(desk.reasonOf("a")).isEqualTo("crash 1: exit code 3; systemd restarts it");
    assertThat(desk.effects(Effect.UpdateContext.class)).hasSize(1);

    desk.sees("a", up(run(2)));
    assertThat(desk.reasonOf("a")).isEqualTo("run 2 started after 1 crash");
  }

  @Test
  void countsACrashFromTheUnitWhereTheRecordIsMissing() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"));
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void countsARunThatSystemdFollowedByAnotherWithoutAnyTrace() {
    desk.running("a");
    desk.sees("a", up(run(2)));
    assertThat(desk.causes()).containsExactly(Cause.LOST);
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void countsThreeCrashesThatNobodyWatched() {
    desk.running(spec("a", OptionalInt.of(5)));
    desk.resync(
        DeciderHarness.BOOT,
        desk.seen(
            "a", Optional.of(up(run(4))), exited(run(1), 3), exited(run(2), 4), exited(run(3), 5)));
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(3);
    assertThat(desk.experiment("a").counts().runs()).isEqualTo(4);
    assertThat(desk.experiment("a").counts().recordsSeen()).isEqualTo(3);
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(4)));
  }

  @Test
  void failsOneThatRanOutOfRestartsWhileNobodyWatched() {
    desk.running("a");
    desk.resync(
        DeciderHarness.BOOT,
        desk.seen(
            "a",
            Optional.of(failed(run(3), "exit-code")),
            exited(run(1), 3),
            exited(run(2), 3),
            exited(run(3), 3)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a")).isEqualTo("exit code 3 (crash 3, restart limit reached)");
    assertThat(desk.ends()).hasSize(3);
  }

  @Test
  void tellsTheTimeOfACrashThatIsLongPast() {
    desk.running("a");
    desk.now = desk.now.plus(Duration.ofHours(2));
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    Change.RunEnded end =
        desk.changes.stream()
            .filter(Change.RunEnded.class::isInstance)
            .map(Change.RunEnded.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(end.at()).isEqualTo(Instant.parse("2026-11-20T12:00:00Z"));
  }

  @Test
  void countsACrashWhileItsUnitWaitsBeforeTheNextStart() {
    desk.running("a");
    desk.sees("a", starting(run(2)), exited(run(1), 3));
    assertThat(desk.ends()).hasSize(1);
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    desk.sees("a", up(run(2)));
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void waitsUntilAUnitIsUpOrDown() {
    desk.running("a");
    desk.sees("a", deactivating(run(1)), exited(run(1), 3));
    assertThat(desk.changes).isEmpty();

    desk.sees("a", up(run(2)), exited(run(1), 3));
    assertThat(desk.ends()).hasSize(1);
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void changesNothingTwiceWhenALookIsOld() {
    desk.running("a");
    Observation old = desk.seen("a", Optional.of(up(run(1))));
    Observation crash =
        desk.seen("a", Optional.of(restarting(run(1), "exit-code")), exited(run(1), 3));
    desk.happens(new Event.Observed(crash));
    desk.forget();

    desk.happens(new Event.Observed(crash));
    desk.happens(new Event.Observed(old));
    assertThat(desk.changes).isEmpty();
    assertThat(desk.effects).hasSize(2).allMatch(Effect.Observe.class::isInstance);
  }

  @Test
  void doesNotTakeALookFromBeforeADispatchForItsFailure() {
    desk.running("a");
    Observation old = desk.seen("a", Optional.empty());
    desk.seesItGone("a");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    desk.forget();

    desk.happens(new Event.Observed(old));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void looksAtWhatChangesAndAtNothingElse() {
    desk.running("a");
    desk.happens(new Event.UnitChanged("a"));
    desk.happens(new Event.UnitChanged("unknown"));
    assertThat(desk.effects).hasSize(1).allMatch(Effect.Observe.class::isInstance);
  }

  @Test
  void doesNotBelieveALookBeforeEverythingWasCompared() {
    desk.running("a");
    Observation gone = desk.seen("a", Optional.empty());
    desk.happens(new Event.ManagerLost("test"));
    desk.happens(new Event.Observed(gone));
    desk.happens(new Event.UnitChanged("a"));
    assertThat(desk.changes).isEmpty();
    assertThat(desk.effects).isEmpty();
  }

  @Test
  void looksAtEverythingAtEachHealthCheck() {
    desk.running("a");
    desk.happens(new Event.HealthDue());
    assertThat(desk.effects(Effect.Resync.class))
        .hasSize(1)
        .allMatch(resync -> resync.looks().size() == 1);
  }

  // --- claims of success

  @Test
  void completesWhatIsVerified() {
    desk.running("a");
    claims(
        "a",
        Optional.of(dead(run(1), "success")),
        new CompletionResult.Complete("7 of 7 cycles"),
        "0");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
    assertThat(desk.reasonOf("a")).isEqualTo("7 of 7 cycles");
    assertThat(desk.effects(Effect.ReleaseUnit.class)).hasSize(1);
    assertThat(desk.ends()).hasSize(1).allMatch(end -> end.kind() == Kind.SUCCESS);
  }

  @Test
  void failsWhatIsVerifiedAsIncomplete() {
    desk.running("a");
    claims(
        "a", Optional.of(dead(run(1), "success")), new CompletionResult.Incomplete("3 of 7"), "0");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a")).isEqualTo("incomplete: 3 of 7");
  }

  @Test
  void failsWhatCannotBeVerifiedAndSaysSo() {
    desk.running("a");
    claims(
        "a",
        Optional.empty(),
        new CompletionResult.Unverified("the check 'x' left no record"),
        "0");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a"))
        .isEqualTo("not verified: the run exited with success, but the check 'x' left no record");
  }

  @Test
  void completesWhatSucceededAndWasUnloadedWhileNobodyWatched() {
    desk.running("a");
    desk.resync(
        DeciderHarness.BOOT,
        DeciderHarness.withVerdict(
            desk.seen("a", Optional.empty(), exited(run(1), 3), exited(run(2), 0)),
            new CompletionResult.Complete("done")));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE, Cause.SUCCESS);
  }

  @Test
  void failsWhatEndedIncompleteAndWasUnloadedWhileNobodyWatched() {
    desk.running("a");
    claims("a", Optional.empty(), new CompletionResult.Incomplete("15 of 20 cycles"), "0");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
  }

  @Test
  void looksAgainAtAClaimThatWasNotVerifiedYet() {
    desk.running("a");
    desk.sees("a", dead(run(1), "success"), exited(run(1), 0));
    assertThat(desk.changes).isEmpty();
    assertThat(desk.effects).hasSize(1).allMatch(Effect.Observe.class::isInstance);
  }

  @Test
  void failsAClaimThatNobodyCanVerifyAnyMore() {
    State old =
        new State(
            new RestoredState(
                List.of(DeciderHarness.stored("a", 1, new Phase.Running(run(1)), false)),
                1,
                Optional.of(DeciderHarness.BOOT),
                List.of(),
                List.of(),
                CoordinatorState.INITIAL,
                anyId -> Optional.empty()),
            desk.state.runtime(),
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
        desk.decider.decide(old, new Event.Observed(seen), Samples.moment(desk.now));
    old.apply(decision.update(), Samples.moment(Instant.EPOCH));
    assertThat(old.find("a")).isEmpty();
    assertThat(decision.changes().toString())
        .contains("FAILED", "cannot be read by this version of coord");
    assertThat(decision.effects()).noneMatch(Effect.Observe.class::isInstance);
  }

  // --- giving up

  @Test
  void forgivesAsManyCrashesAsAreAllowed() {
    desk.running(spec("a", OptionalInt.of(2)));
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    desk.sees("a", up(run(2)));
    desk.sees("a", restarting(run(2), "exit-code"), exited(run(2), 3));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    desk.sees("a", up(run(3)));

    desk.sees("a", restarting(run(3), "exit-code"), exited(run(3), 3));
    assertThat(desk.experiment("a").phase())
        .isEqualTo(
            new Phase.Stopping(
                ExperimentState.FAILED,
                "exit code 3 (crash 3, 2 restarts allowed)",
                Optional.empty()));
    desk.sees("a", dead(run(3), "exit-code"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.ends()).hasSize(3);
  }

  @Test
  void doesNotCountTheRunThatItStopsWhenItGivesUp() {
    desk.running(spec("a", OptionalInt.of(0)));
    desk.sees("a", up(run(2)), exited(run(1), 3));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    desk.sees("a", dead(run(2), "success"), killed(run(2), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE, Cause.LIMIT);
    assertThat(desk.reasonOf("a")).isEqualTo("exit code 3 (no restarts allowed)");
  }

  @Test
  void failsWhatSystemdRestartsNoMore() {
    desk.running("a");
    desk.sees("a", failed(run(1), "exit-code"), exited(run(1), 3));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a")).isEqualTo("exit code 3 (crash 1, restart limit reached)");
  }

  @Test
  void failsWhatHitTheStartLimitAfterItsLastCrashWasSeen() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    desk.sees("a", failed(run(1), "start-limit-hit"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a"))
        .contains("not restarted after 1 crash")
        .contains("start-limit-hit");
    assertThat(desk.ends()).hasSize(1);
  }

  @Test
  void failsWhatRanForTooLong() {
    Spec limited = spec("a", 0, 1, OptionalInt.empty(), Optional.of(Duration.ofMinutes(1)));
    desk.running(limited);
    desk.sees("a", restarting(run(1), "timeout"), exit(run(1), "timeout", "killed", "TERM", 0));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    desk.sees("a", dead(run(1), "timeout"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.causes()).containsExactly(Cause.TIME_LIMIT);
    assertThat(desk.reasonOf("a")).isEqualTo("time limit exceeded");
  }

  // --- somebody else's doing

  @Test
  void holdsWhatWasStoppedWithSystemctl() {
    desk.running("a");
    desk.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(desk.causes()).containsExactly(Cause.OPERATOR);
    assertThat(desk.experiment("a").counts().crashes()).isZero();
  }

  @Test
  void holdsWhatSystemctlHadToKill() {
    desk.running("a");
    desk.sees("a", failed(run(1), "timeout"), exit(run(1), "timeout", "killed", "KILL", 0));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(desk.experiment("a").counts().crashes()).isZero();
  }

  @Test
  void holdsWhatSystemctlStoppedBetweenTwoRuns() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    desk.sees("a", dead(run(1), "exit-code"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.HELD);
  }

  @Test
  void failsAStrayTermAfterWhichSystemdMayNotRestart() {
    desk.running("a");
    desk.sees("a", failed(run(1), "start-limit-hit"), killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.causes()).containsExactly(Cause.SIGNAL);
    assertThat(desk.reasonOf("a")).isEqualTo("signal TERM (crash 1, restart limit reached)");
  }

  @Test
  void countsAStrayTermAsACrash() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "success"), killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    assertThat(desk.causes()).containsExactly(Cause.SIGNAL);
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void resumesWhatIsGoneWithoutATrace() {
    desk.running("a");
    desk.seesItGone("a");
    assertThat(desk.causes()).containsExactly(Cause.LOST);
    assertThat(desk.experiment("a").counts().interruptions()).isEqualTo(1);
    assertThat(desk.experiment("a").counts().crashes()).isZero();
    assertThat(desk.dispatched()).containsExactly("a");
    assertThat(desk.experiment("a").status().resumesFirst()).isTrue();
  }

  @Test
  void resumesACrashThatSystemdIsNotThereToRestart() {
    desk.running("a");
    desk.seesItGone("a", exited(run(1), 3));
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void resumesWhatWaitedForARestartThatNeverComes() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    desk.seesItGone("a");
    assertThat(desk.dispatched()).containsExactly("a");
    assertThat(desk.ends()).hasSize(1);
  }

  @Test
  void concludesNothingWhileTheManagerGoesDown() {
    desk.running("a");
    Observation seen = desk.seen("a", Optional.of(dead(run(1), "success")), killed(run(1), "TERM"));
    desk.happens(
        new Event.Observed(
            new Observation(
                seen.experiment(), seen.unit(), seen.records(), Optional.empty(), true, true)));
    assertThat(desk.changes).isEmpty();
  }

  // --- a reboot

  @Test
  void interruptsWhatRanWhenTheMachineWentDown() {
    desk.running("a");
    desk.resync("another boot", desk.seen("a", Optional.empty(), killed(run(1), "TERM")));
    assertThat(desk.causes()).containsExactly(Cause.REBOOT);
    assertThat(desk.experiment("a").counts().crashes()).isZero();
    assertThat(desk.experiment("a").counts().interruptions()).isEqualTo(1);
    assertThat(desk.state.lastBoot()).contains("another boot");
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @ParameterizedTest
  @ValueSource(ints = {130, 143})
  void interruptsWhatExitedAsToldWhenTheMachineWentDown(int code) {
    desk.running("a");
    desk.resync("another boot", desk.seen("a", Optional.empty(), exited(run(1), code)));
    assertThat(desk.causes()).containsExactly(Cause.REBOOT);
    assertThat(desk.experiment("a").counts().crashes()).isZero();
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void countsWhatExitedSoBeforeItsLastRun() {
    desk.running("a");
    desk.resync(
        "another boot", desk.seen("a", Optional.empty(), exited(run(1), 143), exited(run(2), 143)));
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE, Cause.REBOOT);
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void countsWhatExitedSoWithoutAShutdown() {
    desk.running("a");
    desk.resync(DeciderHarness.BOOT, desk.seen("a", Optional.empty(), exited(run(1), 143)));
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void countsWhatExitedSoInThisBoot() {
    desk.running("a");
    ExitRecord exit = Samples.inBoot("another boot", exited(run(1), 143));
    desk.resync("another boot", desk.seen("a", Optional.empty(), exit));
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void interruptsWhatHadToBeKilledWhenTheMachineWentDown() {
    desk.running("a");
    desk.resync(
        "another boot",
        desk.seen("a", Optional.empty(), exit(run(1), "timeout", "killed", "KILL", 0)));
    assertThat(desk.causes()).containsExactly(Cause.REBOOT);
  }

  @Test
  void interruptsWhatThePowerCutEnded() {
    desk.running("a");
    desk.resync("another boot", desk.seen("a", Optional.empty()));
    assertThat(desk.causes()).containsExactly(Cause.POWER_CUT);
  }

  @Test
  void interruptsWhatRanBeforeABootThatStartedItAgain() {
    desk.running("a");
    desk.resync("another boot", desk.seen("a", Optional.of(up(run(2)))));
    assertThat(desk.causes()).containsExactly(Cause.POWER_CUT);
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void countsACrashBeforeTheReboot() {
    desk.running("a");
    desk.resync("another boot", desk.seen("a", Optional.empty(), exited(run(1), 3)));
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void stopsWhatWasBeingStoppedWhenThePowerWentOut() {
    desk.running("a");
    desk.stop("a");
    desk.resync("another boot", desk.seen("a", Optional.empty()));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(desk.ends()).hasSize(1).allMatch(end -> end.kind() == Kind.INTERRUPTION);
  }

  @Test
  void leavesTheQueueAsItWas() {
    desk.running("a");
    desk.running("b");
    desk.enqueue(spec("c"));
    desk.enqueue(spec("d"));
    desk.hold("d");
    desk.resync("another boot", desk.seen("a", Optional.empty()), desk.seen("b", Optional.empty()));
    assertThat(desk.stateOf("c")).isEqualTo(ExperimentState.QUEUED);
    assertThat(desk.stateOf("d")).isEqualTo(ExperimentState.HELD);
  }

  // --- dispatches

  @Test
  void looksAtTheUnitWhateverTheStartJobSays() {
    for (JobResult result : JobResult.values()) {
      DeciderHarness one = new DeciderHarness(1, 8);
      one.enqueue(spec("a"));
      one.forget();
      one.happens(new Event.StartAnswered("a", result));
      assertThat(one.changes).isEmpty();
      assertThat(one.effects).hasSize(1).allMatch(Effect.Observe.class::isInstance);
    }
  }

  @Test
  void waitsWhileADispatchWithoutATraceIsUnderWay() {
    desk.enqueue(spec("a"));
    desk.forget();
    desk.happens(new Event.Observed(DeciderHarness.inconclusive(desk.seen("a", Optional.empty()))));
    assertThat(desk.changes).isEmpty();
  }

  @Test
  void triesADispatchWithoutATraceAgainAtTheNextHealthCheckAndNotForEver() {
    desk.enqueue(spec("a"));
    desk.forget();
    for (int attempt = 1; attempt < Limits.DISPATCH_ATTEMPTS; attempt++) {
      desk.seesItGone("a");
      assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
      assertThat(desk.dispatched()).hasSize(attempt - 1);
      desk.happens(new Event.HealthDue());
      assertThat(desk.dispatched()).hasSize(attempt);
    }
    desk.seesItGone("a");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a")).contains("tried 5 times");
  }

  @Test
  void dispatchesAtOnceWhatTheDaemonBeforeItCouldNot() {
    desk.enqueue(spec("a"));
    desk.forget();
    desk.happens(new Event.ManagerLost("test"));
    desk.resync(DeciderHarness.BOOT, desk.seen("a", Optional.empty()));
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void takesUpWhatTheDaemonBeforeItStarted() {
    desk.enqueue(spec("a"));
    desk.forget();
    desk.resync(DeciderHarness.BOOT, desk.seen("a", Optional.of(up(run(1)))));
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(1)));
    assertThat(desk.dispatched()).isEmpty();
  }

  @Test
  void waitsForAStartThatTheDaemonBeforeItLeftInTheQueue() {
    desk.enqueue(spec("a"));
    desk.forget();
    desk.resync(DeciderHarness.BOOT, desk.seen("a", Optional.of(Samples.queued())));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    assertThat(desk.effects(Effect.ReleaseUnit.class)).isEmpty();

    desk.sees("a", up(run(1)));
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(1)));
  }

  @Test
  void stopsAStartThatTheDaemonBeforeItLeftInTheQueue() {
    desk.enqueue(spec("a"));
    desk.happens(new Event.StopAsked(1, "a", "ada"));
    desk.forget();
    desk.sees("a", Samples.queued());
    assertThat(desk.effects(Effect.Stop.class)).containsExactly(new Effect.Stop("a"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
  }

  @Test
  void closesAdmissionWhenADispatchFails() {
    desk.enqueue(spec("a"));
    desk.happens(new Event.DispatchFailed("a", "cannot start 'a': no space", false));
    desk.enqueue(spec("b"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(desk.reasonOf("a"))
        .isEqualTo("cannot start 'a': no space; retried at the next health check");
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.QUEUED);
    assertThat(desk.decider.why(desk.state, desk.experiment("b"), Samples.moment(desk.now)))
        .contains("a start failed");

    desk.forget();
    desk.happens(new Event.HealthDue());
    assertThat(desk.dispatched()).containsExactly("a", "b");
  }

  @Test
  void failsADispatchThatWouldFailForEver() {
    desk.enqueue(spec("a"));
    desk.happens(new Event.DispatchFailed("a", "cannot launch 'a': no such file", true));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a")).isEqualTo("cannot launch 'a': no such file");
    assertThat(desk.state.runtime().dispatch().paused()).isFalse();
  }

  @Test
  void holdsWhatMayNotStartUntilSomebodyReleasesIt() {
    desk.enqueue(spec("a"));
    desk.happens(new Event.DispatchForbidden("a", "it is root's"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(desk.reasonOf("a")).isEqualTo("it is root's");
    assertThat(desk.effects(Effect.ReleaseUnit.class)).containsExactly(new Effect.ReleaseUnit("a"));
    assertThat(desk.state.runtime().dispatch().paused()).isFalse();

    desk.forget();
    desk.happens(new Event.HealthDue());
    assertThat(desk.dispatched()).isEmpty();
    desk.happens(new Event.ReleaseAsked(1, "a", "ada"));
    assertThat(desk.dispatched()).containsExactly("a");
    desk.stop("a");
    desk.forget();
    desk.happens(new Event.DispatchForbidden("a", "late"));
    assertThat(desk.changes).isEmpty();
  }

  @Test
  void forgetsFailedDispatchesOnceOneSucceeds() {
    desk.enqueue(spec("a"));
    desk.happens(new Event.DispatchFailed("a", "test", false));
    desk.happens(new Event.HealthDue());
    desk.sees("a", up(run(1)));
    assertThat(desk.state.runtime().dispatch().failures()).isEmpty();
  }

  @Test
  void ignoresAFailedDispatchOfOneThatIsStoppedByNow() {
    desk.enqueue(spec("a"));
    desk.stop("a");
    desk.forget();
    desk.happens(new Event.DispatchFailed("a", "test", false));
    assertThat(desk.changes).isEmpty();
  }

  // --- stops

  @Test
  void asksAgainForAStopThatDidNotReachSystemd() {
    desk.running("a");
    desk.stop("a");
    desk.forget();
    desk.sees("a", up(run(1)));
    assertThat(desk.effects(Effect.Stop.class)).hasSize(1);
    desk.sees("a", starting(run(2)));
    assertThat(desk.effects(Effect.Stop.class)).hasSize(2);
    assertThat(desk.changes).isEmpty();
  }

  @Test
  void asksAgainForAStopOfADaemonBeforeIt() {
    desk.running("a");
    desk.stop("a");
    desk.forget();
    desk.resync(DeciderHarness.BOOT, desk.seen("a", Optional.empty()));
    assertThat(desk.effects(Effect.Stop.class)).hasSize(1);
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    desk.seesItGone("a", killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
  }

  @Test
  void endsARunOnceThatEndedBeforeTheStop() {
    desk.running("a");
    desk.stop("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    desk.sees("a", dead(run(1), "exit-code"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void understandsTheEndOfAStopThatCouldNotBeStored() {
    desk.running("a");
    desk.ledgerFails(true);
    desk.happens(new Event.StopAsked(99, "a", "ada"));
    desk.ledgerFails(false);
    desk.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(desk.reasonOf("a")).isEqualTo("stopped by ada");
    assertThat(desk.moves("a")).hasSize(2);
  }

  @Test
  void asksAgainForAStopThatCouldNeitherBeStoredNorDone() {
    desk.running("a");
    desk.ledgerFails(true);
    desk.happens(new Event.StopAsked(99, "a", "ada"));
    desk.ledgerFails(false);
    desk.sees("a", up(run(1)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    assertThat(desk.effects(Effect.Stop.class)).hasSize(1);
  }

  @Test
  void staysUncomparedIfTheComparisonCouldNotBeStored() {
    desk.running("a");
    desk.happens(new Event.ManagerLost("test"));
    desk.ledgerFails(true);
    desk.resync("another boot", desk.seen("a", Optional.empty()));
    assertThat(desk.state.runtime().manager().up()).isFalse();
    desk.ledgerFails(false);
    desk.resync("another boot", desk.seen("a", Optional.empty()));
    assertThat(desk.causes()).containsExactly(Cause.POWER_CUT);
  }

  // --- leftovers

  @Test
  void cleansUpAfterThoseThatHoldNoSlot() {
    desk.running("a");
    desk.happens(
        new Event.Resynced(
            DeciderHarness.BOOT,
            List.of(desk.seen("a", Optional.of(up(run(1))))),
            List.of("a", "forgotten"),
            List.of()));
    assertThat(desk.effects(Effect.ReleaseUnit.class))
        .extracting(Effect.ReleaseUnit::id)
        .containsExactly("forgotten");
  }
}
