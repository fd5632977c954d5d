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
  private final DeciderHarness harness = new DeciderHarness(2, 4);

  @Test
  void itsStopInterruptsAndRequeuesFirst() {
    harness.running("a");
    stopTarget();
    harness.sees("a", deactivating(run(1)));
    harness.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));

    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.experiment("a").status().resumesFirst()).isTrue();
    assertThat(harness.experiment("a").counts().interruptions()).isEqualTo(1);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
    assertThat(harness.causes()).containsExactly(Cause.OPERATOR);
    assertThat(harness.reasonOf("a"))
        .isEqualTo("interrupted: brain-experiment.target was stopped; resumes from the queue");
  }

  /** It goes before others once for each interruption, not ever after. */
  @Test
  void onceItRunsAgainItDoesNotGoFirst() {
    itsStopInterruptsAndRequeuesFirst();
    harness.happens(new Event.TargetSeen(false));
    harness.readZones();
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    assertThat(harness.experiment("a").status().resumesFirst()).isTrue();
    harness.sees("a", DeciderHarness.up(run(2)));
    assertThat(harness.experiment("a").status().resumesFirst()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 130, 143})
  void howARunAnswersTheStopMakesNoDifference(int code) {
    harness.running("a");
    stopTarget();
    UnitStatus unit = code == 0 ? dead(run(1), "success") : failed(run(1), "exit-code");
    harness.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                harness.seen("a", Optional.of(unit), exited(run(1), code)),
                new CompletionResult.Incomplete("it is not ready"))));

    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
    assertThat(harness.experiment("a").counts().interruptions()).isEqualTo(1);
  }

  @Test
  void aRunCompletedBeforeTheStopIsCompleted() {
    harness.running("a");
    harness.sees("a", up(run(1), "cycle 7/7"));
    stopTarget();
    harness.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                harness.seen("a", Optional.of(dead(run(1), "success")), exited(run(1), 0)),
                new CompletionResult.Complete("all cycles are there"))));

    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
  }

  @Test
  void aCrashBeforeTheStopStillCounts() {
    harness.running("a");
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    stopTarget();
    harness.sees("a", dead(run(1), "exit-code"));

    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(harness.experiment("a").counts().interruptions()).isZero();
  }

  @Test
  void aCrashAfterWhichItIsUpAgainIsACrash() {
    harness.running("a");
    stopTarget();
    harness.sees("a", up(run(2)), exited(run(1), 3));

    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(harness.experiment("a").counts().interruptions()).isZero();
  }

  @Test
  void aStartCutShortIsNoFailedDispatch() {
    harness.enqueue(spec("a"));
    stopTarget();
    harness.seesItGone("a");

    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.state.runtime().dispatch().retries()).isEmpty();
  }

  @Test
  void anOperatorStopIsCompleted() {
    harness.running("a");
    harness.stop("a");
    stopTarget();
    harness.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));

    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aUnitRestartedWithTheTargetIsAwaited(boolean says143) {
    harness.running(spec("a", OptionalInt.of(0)));
    stopTarget();
    if (says143) {
      harness.sees("a", queued(failed(run(1), "exit-code")), exited(run(1), 143));
    } else {
      harness.sees("a", queued(dead(run(1), "success")), killed(run(1), "TERM"));
    }

    assertThat(harness.experiment("a").phase()).isEqualTo(new Phase.Restarting(run(1)));
    assertThat(harness.experiment("a").counts().interruptions()).isEqualTo(1);
    harness.happens(new Event.TargetSeen(false));
    harness.sees("a", up(run(2)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
  }

  @Test
  void nothingStartsUntilTheTargetIsStarted() {
    stopTarget();
    harness.enqueue(spec("a"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.why("a"))
        .isEqualTo(
            "brain-experiment.target was stopped; continue with"
                + " 'systemctl start brain-experiment.target'");

    harness.happens(new Event.TargetSeen(false));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void aUnitStoppedAloneIsHeld() {
    harness.running("a");
    harness.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
  }

  private void stopTarget() {
    harness.happens(new Event.TargetSeen(true));
  }

  private static UnitStatus queued(UnitStatus unit) {
    return new UnitStatusBuilder(unit).jobQueued(true).build();
  }
}
