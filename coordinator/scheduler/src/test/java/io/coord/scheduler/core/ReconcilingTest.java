package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.dead;
import static io.coord.scheduler.core.DeciderHarness.exited;
import static io.coord.scheduler.core.DeciderHarness.failed;
import static io.coord.scheduler.core.DeciderHarness.killed;
import static io.coord.scheduler.core.DeciderHarness.restarting;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.RunEnd.Cause;
import io.coord.runner.CompletionResult;
import io.coord.scheduler.core.decision.Effect;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What a coordinator makes of what it finds when it starts: those rows of the table in {@code
 * docs/RELIABILITY.md} that no other test is about.
 */
class ReconcilingTest {
  private static final String ANOTHER_BOOT = "another boot";

  private final DeciderHarness desk = new DeciderHarness(2, 8);

  private void dispatched(String id) {
    desk.enqueue(spec(id));
    assertThat(desk.stateOf(id)).isEqualTo(ExperimentState.STARTING);
    desk.forget();
  }

  @Test
  void dispatchesAgainWhatTheBootCutShort() {
    dispatched("a");
    desk.resync(ANOTHER_BOOT, desk.seen("a", Optional.empty()));
    assertThat(desk.ends()).isEmpty();
    assertThat(desk.dispatched()).containsExactly("a");
    assertThat(desk.experiment("a").counts().interruptions()).isZero();
  }

  @Test
  void countsARunThatBeganAndCrashedBeforeItsStartWasStored() {
    dispatched("a");
    desk.resync(
        DeciderHarness.BOOT,
        desk.seen("a", Optional.of(restarting(run(1), "exit-code")), exited(run(1), 3)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    assertThat(desk.experiment("a").counts().runs()).isEqualTo(1);
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void completesARunThatBeganAndEndedBeforeItsStartWasStored() {
    dispatched("a");
    desk.resync(
        DeciderHarness.BOOT,
        DeciderHarness.withVerdict(
            desk.seen("a", Optional.empty(), exited(run(1), 0)),
            new CompletionResult.Complete("done")));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
    assertThat(desk.causes()).containsExactly(Cause.SUCCESS);
    assertThat(desk.dispatched()).isEmpty();
  }

  @Test
  void failsARunThatBeganAndFailedForGoodBeforeItsStartWasStored() {
    dispatched("a");
    desk.resync(
        DeciderHarness.BOOT,
        desk.seen("a", Optional.of(failed(run(1), "exit-code")), exited(run(1), 78)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void takesUpTheRunAfterACrashThatItKnows() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    desk.forget();
    desk.resync(DeciderHarness.BOOT, desk.seen("a", Optional.of(up(run(2)))));
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
    assertThat(desk.ends()).isEmpty();
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void requeuesOnceWhatWaitedForItsRestartWhenTheMachineWentDown() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    desk.forget();
    desk.resync(ANOTHER_BOOT, desk.seen("a", Optional.empty()));
    assertThat(desk.dispatched()).containsExactly("a");
    assertThat(desk.ends()).isEmpty();
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(desk.experiment("a").counts().interruptions()).isZero();
  }

  @Test
  void countsTheCrashesBeforeAPowerCutAndTheRunThatItEnded() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    desk.sees("a", up(run(2)));
    desk.forget();
    desk.resync(
        ANOTHER_BOOT, desk.seen("a", Optional.empty(), exited(run(2), 4), exited(run(3), 5)));
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE, Cause.EXIT_CODE);
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(3);
    assertThat(desk.experiment("a").counts().runs()).isEqualTo(3);
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void bringsBackAllThatRanInTheirOldOrderBeforeThoseThatWaited() {
    desk.running("b");
    desk.running("a");
    desk.enqueue(spec("c", 9, 1));
    desk.forget();
    desk.resync(ANOTHER_BOOT, desk.seen("a", Optional.empty()), desk.seen("b", Optional.empty()));
    assertThat(desk.dispatched()).containsExactly("b", "a");
    assertThat(desk.stateOf("c")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void leavesWhatCoolsToTheHeatAlsoAfterABoot() {
    desk.running("a");
    desk.heat(90);
    desk.seesItGone("a", killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    desk.forget();
    desk.resync(ANOTHER_BOOT);
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    desk.cool();
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void countsNothingAgainWhenTheRecordsAreFewerThanKnown() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    desk.sees("a", up(run(2)));
    desk.forget();
    desk.resync(DeciderHarness.BOOT, desk.seen("a", Optional.of(up(run(2)))));
    assertThat(desk.ends()).isEmpty();
    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void coolsDownWhatHeatWasStoppingWhenTheDaemonDied() {
    desk.running("a");
    desk.heat(90);
    desk.forget();
    desk.resync(DeciderHarness.BOOT, desk.seen("a", Optional.of(up(run(1)))));
    assertThat(desk.effects(Effect.Stop.class)).hasSize(1);
    desk.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    assertThat(desk.causes()).containsExactly(Cause.HEAT);
  }
}
