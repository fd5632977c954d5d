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
  private final DeciderHarness desk = new DeciderHarness(2, 8);

  @Test
  void startsNothingAndSaysWhy() {
    desk.drain(true);
    desk.enqueue(asked("a", ""));
    assertThat(desk.dispatched()).isEmpty();
    assertThat(desk.why("a")).isEqualTo("draining: no experiment starts until 'coord resume'");
    desk.readZones();
    desk.happens(new Event.HealthDue());
    assertThat(desk.dispatched()).isEmpty();
  }

  @Test
  void letsGoOnWhatRunsAndCrashes() {
    desk.running("a");
    desk.drain(true);
    desk.sees("a", restarting(run(1), "exit-code"), exited(run(1), 3));
    desk.sees("a", up(run(2)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    assertThat(desk.effects(Effect.Stop.class)).isEmpty();
    desk.completes("a", 2);
  }

  @Test
  void keepsWhatWasInterruptedInTheQueue() {
    desk.running("a");
    desk.drain(true);
    desk.seesItGone("a");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void isOverWithAWord() {
    desk.drain(true);
    desk.enqueue(asked("a", ""));
    desk.drain(false);
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void isNotedForTheNextCoordinator() {
    desk.drain(true);
    assertThat(desk.changes).first().isInstanceOf(Change.DrainingSet.class);
    assertThat(desk.state.draining()).isTrue();
  }
}
