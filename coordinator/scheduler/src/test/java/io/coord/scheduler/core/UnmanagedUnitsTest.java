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
  private final DeciderHarness harness = new DeciderHarness(1, 8);

  @Test
  void countsAUnitThatNobodyKnowsAsASlot() {
    harness.finds(Samples.unmanaged("stranger", run(9)));
    harness.enqueue(asked("a", ""));
    assertThat(harness.dispatched()).isEmpty();
    assertThat(harness.state.runtime().manager().unmanaged())
        .containsExactly("brain-experiment@stranger.service");
    assertThat(harness.why("a")).startsWith("waits for a slot: 1 of 1");
    harness.finds();
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void neverTouchesIt() {
    harness.finds(Samples.unmanaged("stranger", run(9)));
    harness.heat(90);
    assertThat(harness.effects(Effect.Stop.class)).isEmpty();
    assertThat(harness.effects(Effect.ReleaseUnit.class)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void adoptsAQueuedExperimentStartedWithSystemctl(boolean held) {
    harness.heat(76);
    harness.enqueue(asked("a", ""));
    if (held) {
      harness.hold("a");
    }
    harness.finds(Samples.unmanaged("a", run(1)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    assertThat(harness.reasonOf("a")).isEqualTo("unit started with systemctl");
    assertThat(harness.effects(Effect.Observe.class)).hasSize(1);
    assertThat(harness.dispatched()).isEmpty();
    harness.completes("a", 1);
  }
}
