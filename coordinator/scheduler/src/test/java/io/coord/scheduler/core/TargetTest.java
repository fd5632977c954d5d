package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.deactivating;
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
import io.coord.scheduler.core.event.Event;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.testing.UnitStatusBuilder;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All experiments are stopped at once with their target: an interruption, wanted of none of them.
 */
class TargetTest {
  private final DeciderHarness desk = new DeciderHarness(2, 4);

  @Test
  void interruptsWhatItStopsAndPutsItToTheFront() {
    desk.running("a");
    stopTarget();
    desk.sees("a", deactivating(run(1)));
    desk.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));

    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(desk.experiment("a").status().resumesFirst()).isTrue();
    assertThat(desk.experiment("a").counts().interruptions()).isEqualTo(1);
    assertThat(desk.experiment("a").counts().crashes()).isZero();
    assertThat(desk.causes()).containsExactly(Cause.OPERATOR);
    assertThat(desk.reasonOf("a"))
        .isEqualTo("interrupted: brain-experiment.target was stopped; resumes from the queue");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 130, 143})
  void howARunAnswersTheStopMakesNoDifference(int code) {
    desk.running("a");
    stopTarget();
    UnitStatus unit = code == 0 ? dead(run(1), "success") : failed(run(1), "exit-code");
    desk.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                desk.seen("a", Optional.of(unit), exited(run(1), code)),
                new CompletionResult.Incomplete("it is not ready"))));

    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(desk.experiment("a").counts().crashes()).isZero();
    assertThat(desk.experiment("a").counts().interruptions()).isEqualTo(1);
  }

  @Test
  void oneThatWasReadyIsCompleted() {
    desk.running("a");
    desk.sees("a", up(run(1), "cycle 7/7"));
    stopTarget();
    desk.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                desk.seen("a", Optional.of(dead(run(1), "success")), exited(run(1), 0)),
                new CompletionResult.Complete("all cycles are there"))));

    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
  }

  @Test
  void oneThatWaitedForItsRestartKeepsItsCrash() {
    desk.running("a");
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    stopTarget();
    desk.sees("a", dead(run(1), "exit-code"));

    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(desk.experiment("a").counts().interruptions()).isZero();
  }

  @Test
  void aCrashAfterWhichItIsUpAgainIsACrash() {
    desk.running("a");
    stopTarget();
    desk.sees("a", up(run(2)), exited(run(1), 3));

    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(desk.experiment("a").counts().interruptions()).isZero();
  }

  @Test
  void oneThatHadNotBegunIsNoFailedStart() {
    desk.enqueue(spec("a"));
    stopTarget();
    desk.seesItGone("a");

    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(desk.state.runtime().dispatch().failures()).isEmpty();
  }

  @Test
  void whatAnOperatorWasStoppingIsStopped() {
    desk.running("a");
    desk.stop("a");
    stopTarget();
    desk.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));

    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatSystemdStartsAgainWithItIsAwaited(boolean says143) {
    desk.running(spec("a", OptionalInt.of(0)));
    stopTarget();
    if (says143) {
      desk.sees("a", queued(failed(run(1), "exit-code")), exited(run(1), 143));
    } else {
      desk.sees("a", queued(dead(run(1), "success")), killed(run(1), "TERM"));
    }

    assertThat(desk.experiment("a").phase()).isEqualTo(new Phase.Restarting(run(1)));
    assertThat(desk.experiment("a").counts().interruptions()).isEqualTo(1);
    desk.happens(new Event.TargetSeen(false));
    desk.sees("a", up(run(2)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    assertThat(desk.experiment("a").counts().crashes()).isZero();
  }

  @Test
  void nothingStartsUntilItIsStartedAgain() {
    stopTarget();
    desk.enqueue(spec("a"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(desk.why("a"))
        .isEqualTo(
            "brain-experiment.target was stopped; continue with"
                + " 'systemctl start brain-experiment.target'");

    desk.happens(new Event.TargetSeen(false));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void oneThatIsStoppedAloneIsStillHeld() {
    desk.running("a");
    desk.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.HELD);
  }

  private void stopTarget() {
    desk.happens(new Event.TargetSeen(true));
  }

  private static UnitStatus queued(UnitStatus unit) {
    return new UnitStatusBuilder(unit).jobQueued(true).build();
  }
}
