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

  private final DeciderHarness harness = new DeciderHarness(2, 8);

  private void dispatched(String id) {
    harness.enqueue(spec(id));
    assertThat(harness.stateOf(id)).isEqualTo(ExperimentState.STARTING);
    harness.forget();
  }

  @Test
  void dispatchesAgainWhatTheBootCutShort() {
    dispatched("a");
    harness.resync(ANOTHER_BOOT, harness.seen("a", Optional.empty()));
    assertThat(harness.ends()).isEmpty();
    assertThat(harness.dispatched()).containsExactly("a");
    assertThat(harness.experiment("a").counts().interruptions()).isZero();
  }

  @Test
  void countsARunThatBeganAndCrashedBeforeItsStartWasStored() {
    dispatched("a");
    harness.resync(
        DeciderHarness.BOOT,
        harness.seen("a", Optional.of(restarting(run(1), "exit-code")), exited(run(1), 3)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    assertThat(harness.experiment("a").counts().runs()).isEqualTo(1);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void completesARunThatBeganAndEndedBeforeItsStartWasStored() {
    dispatched("a");
    harness.resync(
        DeciderHarness.BOOT,
        DeciderHarness.withVerdict(
            harness.seen("a", Optional.empty(), exited(run(1), 0)),
            new CompletionResult.Complete("done")));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
    assertThat(harness.causes()).containsExactly(Cause.SUCCESS);
    assertThat(harness.dispatched()).isEmpty();
  }

  @Test
  void failsARunThatBeganAndFailedForGoodBeforeItsStartWasStored() {
    dispatched("a");
    harness.resync(
        DeciderHarness.BOOT,
        harness.seen("a", Optional.of(failed(run(1), "exit-code")), exited(run(1), 78)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
  }

  @Test
  void takesUpTheRunAfterACrashThatItKnows() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    harness.forget();
    harness.resync(DeciderHarness.BOOT, harness.seen("a", Optional.of(up(run(2)))));
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
    assertThat(harness.ends()).isEmpty();
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
  }

  @Test
  void requeuesOnceWhatWaitedForItsRestartWhenTheMachineWentDown() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    harness.forget();
    harness.resync(ANOTHER_BOOT, harness.seen("a", Optional.empty()));
    assertThat(harness.dispatched()).containsExactly("a");
    assertThat(harness.ends()).isEmpty();
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(harness.experiment("a").counts().interruptions()).isZero();
  }

  @Test
  void countsTheCrashesBeforeAPowerCutAndTheRunThatItEnded() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    harness.sees("a", up(run(2)));
    harness.forget();
    harness.resync(
        ANOTHER_BOOT, harness.seen("a", Optional.empty(), exited(run(2), 4), exited(run(3), 5)));
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE, Cause.EXIT_CODE);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(3);
    assertThat(harness.experiment("a").counts().runs()).isEqualTo(3);
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void bringsBackAllThatRanInTheirOldOrderBeforeThoseThatWaited() {
    harness.running("b");
    harness.running("a");
    harness.enqueue(spec("c", 9, 1));
    harness.forget();
    harness.resync(
        ANOTHER_BOOT, harness.seen("a", Optional.empty()), harness.seen("b", Optional.empty()));
    assertThat(harness.dispatched()).containsExactly("b", "a");
    assertThat(harness.stateOf("c")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void leavesWhatCoolsToTheHeatAlsoAfterABoot() {
    harness.running("a");
    harness.heat(90);
    harness.seesItGone("a", killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    harness.forget();
    harness.resync(ANOTHER_BOOT);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    harness.cool();
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void countsNothingAgainWhenTheRecordsAreFewerThanKnown() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    harness.sees("a", up(run(2)));
    harness.forget();
    harness.resync(DeciderHarness.BOOT, harness.seen("a", Optional.of(up(run(2)))));
    assertThat(harness.ends()).isEmpty();
    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Running(run(2)));
  }

  @Test
  void coolsDownWhatHeatWasStoppingWhenTheDaemonDied() {
    harness.running("a");
    harness.heat(90);
    harness.forget();
    harness.resync(DeciderHarness.BOOT, harness.seen("a", Optional.of(up(run(1)))));
    assertThat(harness.effects(Effect.Stop.class)).hasSize(1);
    harness.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    assertThat(harness.causes()).containsExactly(Cause.HEAT);
  }
}
