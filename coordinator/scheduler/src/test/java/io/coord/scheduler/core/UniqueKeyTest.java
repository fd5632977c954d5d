package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.decision.RequestOutcome;
import org.junit.jupiter.api.Test;

/** One experiment with a key at a time. */
class UniqueKeyTest {
  private final DeciderHarness harness = new DeciderHarness(1, 8);

  @Test
  void refusesASecondWhileTheFirstWaitsOrRuns() {
    harness.enqueue(asked("a", "'unique_key': 'k'"));
    RequestOutcome refused = harness.enqueue(asked("b", "'unique_key': 'k'"));
    assertThat(refused.toString())
        .contains("unique key 'k' is used by 'a', which is starting; nothing was enqueued");
    assertThat(harness.state.find("b")).isEmpty();
    assertThat(harness.enqueue(asked("c", "'unique_key': 'other'")))
        .isInstanceOf(RequestOutcome.Done.class);
  }

  @Test
  void belongsToItsUser() {
    harness.enqueue(asked("a", "'unique_key': 'k'"));
    assertThat(harness.enqueueAs("eve", asked("b", "'unique_key': 'k'")))
        .isInstanceOf(RequestOutcome.Done.class);
    assertThat(harness.enqueueAs("eve", asked("c", "'unique_key': 'k'")).toString())
        .contains("unique key 'k' is used by 'b'");
  }

  @Test
  void isFreeOnceTheFirstIsDone() {
    harness.enqueue(asked("a", "'unique_key': 'k'"));
    harness.completes("a", 1);
    assertThat(harness.enqueue(asked("b", "'unique_key': 'k'")))
        .isInstanceOf(RequestOutcome.Done.class);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.STARTING);
  }
}
