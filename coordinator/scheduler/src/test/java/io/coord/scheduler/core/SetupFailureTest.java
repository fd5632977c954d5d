package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.exited;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static io.coord.scheduler.core.DeciderHarness.unit;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.RunEnd.Cause;
import io.coord.persistence.RunEnd.Kind;
import io.coord.scheduler.core.decision.Effect;
import io.coord.systemd.ActiveState;
import io.coord.systemd.SetupFailure;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.testing.UnitStatusBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What systemd could not prepare is told apart from what a program ended with. */
class SetupFailureTest {
  private final DeciderHarness harness = new DeciderHarness(2, 8);

  @Test
  void aProgramThatCannotBeExecutedIsNotTriedAgain() {
    harness.enqueue(spec("a"));
    harness.sees("a", waiting(SetupFailure.EXEC), exited(run(1), 203));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    assertThat(harness.effects(Effect.Stop.class)).hasSize(1);
    harness.sees("a", down(SetupFailure.EXEC));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a"))
        .isEqualTo(
            "cannot start 'a': cannot execute the program: its format is wrong, or its interpreter"
                + " is missing (203/EXEC)");
    assertThat(harness.causes()).containsExactly(Cause.START);
  }

  @Test
  void aProgramThatExits203IsACrash() {
    harness.running("a");
    harness.sees(
        "a",
        unit(ActiveState.ACTIVATING, "auto-restart", "exit-code", run(1), 1, 203),
        exited(run(1), 203));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RESTARTING);
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
    assertThat(harness.reasonOf("a")).isEqualTo("crash 1: exit code 203; systemd restarts it");
  }

  @ParameterizedTest
  @EnumSource(SetupFailure.class)
  void whatMayPassIsRetriedAndCountsAsNothing(SetupFailure failure) {
    harness.enqueue(spec("a"));
    harness.sees("a", waiting(failure));
    if (failure.kind() != SetupFailure.Kind.PASSING) {
      assertThat(harness.stateOf("a"))
          .isEqualTo(
              failure.kind() == SetupFailure.Kind.PERMANENT
                  ? ExperimentState.STOPPING
                  : ExperimentState.RESTARTING);
      return;
    }
    assertThat(harness.effects(Effect.Stop.class)).as("systemd tries no more").hasSize(1);
    harness.sees("a", down(failure));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.reasonOf("a"))
        .isEqualTo("cannot start 'a': " + failure.sentence() + "; retried in 5s");
    assertThat(harness.experiment("a").counts().crashes()).isZero();
    harness.wait(Duration.ofSeconds(5));
    harness.readZones();
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void aRunThatMayPassIsAnInterruption() {
    harness.running("a");
    harness.sees("a", down(SetupFailure.STDOUT), exited(run(1), 209));
    assertThat(harness.ends()).hasSize(1).allMatch(end -> end.kind() == Kind.INTERRUPTION);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
  }

  private static UnitStatus waiting(SetupFailure failure) {
    return new UnitStatusBuilder(
            unit(ActiveState.ACTIVATING, "auto-restart", "exit-code", run(1), 0, 0))
        .setupFailure(failure)
        .build();
  }

  private static UnitStatus down(SetupFailure failure) {
    return new UnitStatusBuilder(unit(ActiveState.INACTIVE, "dead", "exit-code", run(1), 0, 0))
        .setupFailure(failure)
        .build();
  }
}
