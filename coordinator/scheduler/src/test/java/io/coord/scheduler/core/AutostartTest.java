package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is disabled does not start by itself after a boot. */
class AutostartTest {
  private final DeciderHarness harness = new DeciderHarness(1, 8);

  @Test
  void holdsADisabledExperimentAfterABoot() {
    harness.running("a");
    harness.enqueue(asked("b", ""));
    harness.autostart("a", false);
    harness.autostart("b", false);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    harness.resync("another boot", harness.seen("a", Optional.empty()));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.reasonOf("a")).contains("disabled").contains("coord release");
    assertThat(harness.experiment("a").counts().interruptions()).isEqualTo(1);
    assertThat(harness.dispatched()).isEmpty();
    harness.release("a");
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void letsTheOthersComeBack() {
    harness.running("a");
    harness.enqueue(asked("b", ""));
    harness.autostart("b", false);
    harness.resync("another boot", harness.seen("a", Optional.empty()));
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void meansNothingToAnotherCoordinatorInTheSameBoot() {
    harness.enqueue(asked("a", ""));
    harness.enqueue(asked("b", ""));
    harness.autostart("b", false);
    harness.sees("a", up(run(1)));
    harness.resync(DeciderHarness.BOOT, harness.seen("a", Optional.of(up(run(1)))));
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void canBeEnabledAgain() {
    harness.running("a");
    harness.autostart("a", false);
    harness.autostart("a", true);
    harness.resync("another boot", harness.seen("a", Optional.empty()));
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void holdsADisabledCoolingExperiment() {
    harness.running("a");
    harness.autostart("a", false);
    harness.heat(90);
    harness.seesItGone("a", DeciderHarness.killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    harness.resync("another boot");
    harness.cool();
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
  }
}
