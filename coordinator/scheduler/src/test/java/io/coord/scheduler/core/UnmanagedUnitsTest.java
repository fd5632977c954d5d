package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.testing.Samples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Units that somebody has started with systemctl. */
class UnmanagedUnitsTest {
  private final DeciderHarness desk = new DeciderHarness(1, 8);

  @Test
  void countsAUnitThatNobodyKnowsAsASlot() {
    desk.finds(Samples.unmanaged("stranger", run(9)));
    desk.enqueue(asked("a", ""));
    assertThat(desk.dispatched()).isEmpty();
    assertThat(desk.state.runtime().manager().unmanaged())
        .containsExactly("brain-experiment@stranger.service");
    assertThat(desk.why("a")).startsWith("waits for a slot: 1 of 1");
    desk.finds();
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void neverTouchesIt() {
    desk.finds(Samples.unmanaged("stranger", run(9)));
    desk.heat(90);
    assertThat(desk.effects(Effect.Stop.class)).isEmpty();
    assertThat(desk.effects(Effect.ReleaseUnit.class)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void takesOneThatWaitedForStarted(boolean held) {
    desk.heat(76);
    desk.enqueue(asked("a", ""));
    if (held) {
      desk.hold("a");
    }
    desk.finds(Samples.unmanaged("a", run(1)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    assertThat(desk.reasonOf("a")).isEqualTo("unit started with systemctl");
    assertThat(desk.effects(Effect.Observe.class)).hasSize(1);
    assertThat(desk.dispatched()).isEmpty();
    desk.completes("a", 1);
  }
}
