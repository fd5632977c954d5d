package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.decision.RequestOutcome;
import org.junit.jupiter.api.Test;

/** One experiment with a key at a time. */
class UniqueKeyTest {
  private final DeciderHarness desk = new DeciderHarness(1, 8);

  @Test
  void refusesASecondWhileTheFirstWaitsOrRuns() {
    desk.enqueue(asked("a", "'unique_key': 'k'"));
    RequestOutcome refused = desk.enqueue(asked("b", "'unique_key': 'k'"));
    assertThat(refused.toString())
        .contains("unique key 'k' is used by 'a', which is starting; nothing was enqueued");
    assertThat(desk.state.find("b")).isEmpty();
    assertThat(desk.enqueue(asked("c", "'unique_key': 'other'")))
        .isInstanceOf(RequestOutcome.Done.class);
  }

  @Test
  void isFreeOnceTheFirstIsDone() {
    desk.enqueue(asked("a", "'unique_key': 'k'"));
    desk.completes("a", 1);
    assertThat(desk.enqueue(asked("b", "'unique_key': 'k'")))
        .isInstanceOf(RequestOutcome.Done.class);
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.STARTING);
  }
}
