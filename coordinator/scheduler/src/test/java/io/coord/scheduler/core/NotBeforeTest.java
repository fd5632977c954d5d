package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A time of day to wait for, the one wait by the wall clock. */
class NotBeforeTest {
  private final DeciderHarness harness = new DeciderHarness(1, 8);

  @Test
  void waitsForItsTimeAndLetsOthersPass() {
    harness.enqueue(asked("a", "'not_before': '2026-11-20T13:00:00Z'"));
    harness.enqueue(asked("b", ""));
    assertThat(harness.dispatched()).containsExactly("b");
    assertThat(harness.why("a")).isEqualTo("does not start before 2026-11-20T13:00:00Z");
    harness.completes("b", 1);
    harness.wait(Duration.ofMinutes(59));
    harness.readZones();
    assertThat(harness.dispatched()).containsExactly("b");
    harness.wait(Duration.ofMinutes(1));
    harness.readZones();
    assertThat(harness.dispatched()).containsExactly("b", "a");
  }
}
