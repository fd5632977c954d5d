package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.exited;
import static io.coord.scheduler.core.DeciderHarness.restarting;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import org.junit.jupiter.api.Test;

/** Draining: what runs is finished, nothing is started. */
class DrainTest {
  private final DeciderHarness harness = new DeciderHarness(2, 8);

  @Test
  void startsNothingAndSaysWhy() {
    harness.drain(true);
    harness.enqueue(asked("a", ""));
    assertThat(harness.dispatched()).isEmpty();
    assertThat(harness.why("a")).isEqualTo("draining: no experiment starts until 'coord resume'");
    harness.readZones();
    harness.happens(new Event.HealthDue());
    assertThat(harness.dispatched()).isEmpty();
  }

  @Test
  void letsGoOnWhatRunsAndCrashes() {
    harness.running("a");
    harness.drain(true);
    harness.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    harness.sees("a", up(run(2)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    assertThat(harness.effects(Effect.Stop.class)).isEmpty();
    harness.completes("a", 2);
  }

  @Test
  void keepsWhatWasInterruptedInTheQueue() {
    harness.running("a");
    harness.drain(true);
    harness.seesItGone("a");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void isOverWithAWord() {
    harness.drain(true);
    harness.enqueue(asked("a", ""));
    harness.drain(false);
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void isNotedForTheNextCoordinator() {
    harness.drain(true);
    assertThat(harness.changes).first().isInstanceOf(Change.DrainingSet.class);
    assertThat(harness.state.draining()).isTrue();
  }
}
