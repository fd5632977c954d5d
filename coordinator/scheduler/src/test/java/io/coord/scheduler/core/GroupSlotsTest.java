package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Groups have slots of their own. */
class GroupSlotsTest {
  private final DeciderHarness harness =
      new DeciderHarness(4, 16, new TreeMap<>(Map.of("g", 1)), (cron, after) -> Optional.empty());

  @Test
  void takesNoMoreThanTheGroupHas() {
    harness.enqueue(asked("a", "'group': 'g'"));
    harness.enqueue(asked("b", "'group': 'g'"));
    harness.enqueue(asked("c", "'group': 'h'"));
    harness.enqueue(asked("d", ""));
    assertThat(harness.dispatched()).containsExactly("a", "c", "d");
    assertThat(harness.why("b")).isEqualTo("waits for a slot of group 'g': 1 of 1 used");
    harness.completes("a", 1);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.STARTING);
    assertThat(harness.state.slotsTaken("g")).isEqualTo(1);
  }
}
