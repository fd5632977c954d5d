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
  private final DeciderHarness desk =
      new DeciderHarness(4, 16, new TreeMap<>(Map.of("g", 1)), (cron, after) -> Optional.empty());

  @Test
  void takesNoMoreThanTheGroupHas() {
    desk.enqueue(asked("a", "'group': 'g'"));
    desk.enqueue(asked("b", "'group': 'g'"));
    desk.enqueue(asked("c", "'group': 'h'"));
    desk.enqueue(asked("d", ""));
    assertThat(desk.dispatched()).containsExactly("a", "c", "d");
    assertThat(desk.why("b")).isEqualTo("waits for a slot of group 'g': 1 of 1 used");
    desk.completes("a", 1);
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.STARTING);
    assertThat(desk.state.slotsTaken("g")).isEqualTo(1);
  }
}
