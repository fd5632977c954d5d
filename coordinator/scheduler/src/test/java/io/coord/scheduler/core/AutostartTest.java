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
  private final DeciderHarness desk = new DeciderHarness(1, 8);

  @Test
  void holdsWhatIsDisabledAfterABoot() {
    desk.running("a");
    desk.enqueue(asked("b", ""));
    desk.autostart("a", false);
    desk.autostart("b", false);
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    desk.resync("another boot", desk.seen("a", Optional.empty()));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.HELD);
    assertThat(desk.reasonOf("a")).contains("disabled").contains("coord release");
    assertThat(desk.experiment("a").counts().interruptions()).isEqualTo(1);
    assertThat(desk.dispatched()).isEmpty();
    desk.release("a");
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void letsTheOthersComeBack() {
    desk.running("a");
    desk.enqueue(asked("b", ""));
    desk.autostart("b", false);
    desk.resync("another boot", desk.seen("a", Optional.empty()));
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void meansNothingToAnotherCoordinatorInTheSameBoot() {
    desk.enqueue(asked("a", ""));
    desk.enqueue(asked("b", ""));
    desk.autostart("b", false);
    desk.sees("a", up(run(1)));
    desk.resync(DeciderHarness.BOOT, desk.seen("a", Optional.of(up(run(1)))));
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void canBeEnabledAgain() {
    desk.running("a");
    desk.autostart("a", false);
    desk.autostart("a", true);
    desk.resync("another boot", desk.seen("a", Optional.empty()));
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void holdsAlsoWhatWasCooling() {
    desk.running("a");
    desk.autostart("a", false);
    desk.heat(90);
    desk.seesItGone("a", DeciderHarness.killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    desk.resync("another boot");
    desk.cool();
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.HELD);
  }
}
