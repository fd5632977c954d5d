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

  /** What runs there is not its command: only the files of the unit could say that. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aUnitOfTheSameNameIsNotTakenForAnExperiment(boolean held) {
    harness.heat(76);
    harness.enqueue(asked("a", ""));
    if (held) {
      harness.hold("a");
    }
    harness.finds(Samples.unmanaged("a", run(1)));
    assertThat(harness.stateOf("a"))
        .isEqualTo(held ? ExperimentState.HELD : ExperimentState.QUEUED);
    harness.release("a");
    harness.cool();
    assertThat(harness.dispatched()).isEmpty();
    assertThat(harness.why("a"))
        .isEqualTo(
            "unit 'brain-experiment@a.service' runs, which coord has not started; stop it with"
                + " 'systemctl stop brain-experiment@a.service'");
    harness.finds();
    assertThat(harness.dispatched()).containsExactly("a");
  }
}
