package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A time of day to wait for, the one wait by the wall clock. */
class NotBeforeTest {
  private final DeciderHarness desk = new DeciderHarness(1, 8);

  @Test
  void waitsForItsTimeAndLetsOthersPass() {
    desk.enqueue(asked("a", "'not_before': '2026-11-20T13:00:00Z'"));
    desk.enqueue(asked("b", ""));
    assertThat(desk.dispatched()).containsExactly("b");
    assertThat(desk.why("a")).isEqualTo("does not start before 2026-11-20T13:00:00Z");
    desk.completes("b", 1);
    desk.wait(Duration.ofMinutes(59));
    desk.readZones();
    assertThat(desk.dispatched()).containsExactly("b");
    desk.wait(Duration.ofMinutes(1));
    desk.readZones();
    assertThat(desk.dispatched()).containsExactly("b", "a");
  }
}
