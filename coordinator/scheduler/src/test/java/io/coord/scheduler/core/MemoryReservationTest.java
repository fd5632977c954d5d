package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.runner.Spec;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.testing.Samples;
import io.coord.thermal.Thresholds;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** One that needs much memory does not starve behind small ones that come again and again. */
class MemoryReservationTest {
  private final DeciderHarness harness = new DeciderHarness(8, 8);
  private int runs;

  private static Spec spec(String id, int priority, int gib, String more) {
    return Samples.read(
        "{'id': '%s', 'name': '%s', 'command': ['%s'], 'working_directory': '/', 'ram': '%dG', 'priority': %d%s}"
            .formatted(id, id, id, gib, priority, more));
  }

  private void running(String id, int gib, String more) {
    harness.enqueue(spec(id, -1000, gib, more));
    harness.sees(id, up(run(++runs)));
    assertThat(harness.stateOf(id)).isEqualTo(ExperimentState.RUNNING);
  }

  /** It waits so long at the head. */
  private void waits(Duration time) {
    harness.happens(new Event.HealthDue());
    harness.wait(time);
    harness.readZones();
    harness.happens(new Event.HealthDue());
  }

  /** Four gigabytes are taken by two, and seven are wanted. */
  private void big() {
    running("s1", 2, "");
    running("s2", 2, "");
    harness.enqueue(spec("big", 1000, 7, ""));
    harness.forget();
  }

  @Test
  void othersGoOnForHalfAnHour() {
    big();
    waits(Limits.DEFAULT_MEMORY_RESERVED_AFTER.minusMinutes(1));
    harness.enqueue(spec("small", -1000, 1, ""));
    assertThat(harness.dispatched()).containsExactly("small");
    assertThat(harness.why("big")).isEqualTo("waits for memory: needs 7G, 3G of 8G available");
  }

  @Test
  void thenMemoryIsReserved() {
    big();
    waits(Limits.DEFAULT_MEMORY_RESERVED_AFTER);
    harness.enqueue(spec("small", -1000, 2, ""));
    assertThat(harness.dispatched()).isEmpty();
    assertThat(harness.why("big"))
        .isEqualTo(
            "waits for memory: needs 7G, 4G of 8G available; reserved for it as it becomes free");
    assertThat(harness.why("small"))
        .isEqualTo(
            "waits for 'big', for which 7G of memory is reserved; only experiments that end before"
                + " it starts or fit beside it start now");
    harness.stop("s1");
    harness.seesItGone("s1");
    assertThat(harness.dispatched()).isEmpty();
    harness.stop("s2");
    harness.seesItGone("s2");
    assertThat(harness.dispatched()).containsExactly("big");
  }

  @Test
  void whatFitsBesideStarts() {
    big();
    waits(Limits.DEFAULT_MEMORY_RESERVED_AFTER);
    harness.enqueue(spec("beside", -1000, 1, ""));
    harness.enqueue(spec("second", -1000, 1, ""));
    assertThat(harness.dispatched()).containsExactly("beside");
  }

  @Test
  void whatEndsBeforeItStarts() {
    running("s1", 2, ", 'max_duration': '5h'");
    running("s2", 2, ", 'max_duration': '2h'");
    harness.enqueue(spec("big", 1000, 7, ""));
    harness.forget();
    waits(Duration.ofHours(1));
    harness.enqueue(spec("longer", -1000, 2, ", 'max_duration': '5h'"));
    assertThat(harness.dispatched()).isEmpty();
    harness.enqueue(spec("shorter", -1000, 2, ", 'max_duration': '3h'"));
    assertThat(harness.dispatched()).containsExactly("shorter");
  }

  /** An order is an order: who goes before the big one is not held up by it. */
  @Test
  void whoGoesBeforeItStarts() {
    big();
    waits(Limits.DEFAULT_MEMORY_RESERVED_AFTER);
    harness.stop("big");
    harness.enqueue(spec("big2", 500, 7, ""));
    waits(Limits.DEFAULT_MEMORY_RESERVED_AFTER);
    harness.enqueue(spec("first", 1000, 3, ""));
    assertThat(harness.dispatched()).containsExactly("first");
  }

  /** Small ones come for a day; it starts after half an hour and the time limit of what runs. */
  @Test
  void itStartsThoughSmallOnesNeverEnd() {
    running("s0", 2, "");
    harness.enqueue(spec("big", 1000, 7, ""));
    int next = 1;
    int previous = 0;
    for (int minute = 0; minute < 24 * 60; minute += 10) {
      harness.enqueue(spec("s" + next, -1000, 2, ""));
      if (harness.dispatched().contains("s" + next)) {
        harness.sees("s" + next, up(run(++runs)));
      }
      int ending = previous;
      if (harness.state.find("s" + ending).filter(e -> e.state().isActive()).isPresent()) {
        harness.stop("s" + ending);
        harness.seesItGone("s" + ending);
        previous++;
      }
      next++;
      waits(Duration.ofMinutes(10));
      if (harness.dispatched().contains("big")) {
        assertThat(minute).isLessThan(120);
        return;
      }
    }
    throw new AssertionError("it has not started within a day");
  }

  @Test
  void aLoweredTotalIsToldAsSuch() {
    harness.heat(76);
    harness.enqueue(spec("big", 1000, 6, ""));
    harness.enqueue(spec("small", -1000, 4, ""));
    Decider lowered =
        new Decider(
            new Limits(
                new Limits.Capacity(8, 4 * DeciderHarness.GIB, new TreeMap<>()),
                DeciderHarness.GIB,
                Thresholds.DEFAULT),
            (cron, after) -> Optional.empty());
    String why =
        "can never start: needs 6G of memory, but all experiments together are limited to 4G"
            + " (TOTAL_RAM_LIMIT_GB)";
    assertThat(lowered.why(harness.state, harness.experiment("big"), harness.moment()))
        .isEqualTo(why);
    assertThat(lowered.awaitsPerson(harness.state, harness.experiment("big"), harness.moment()))
        .contains(why);
    // What never starts is not what others wait for.
    assertThat(
            lowered
                .decide(harness.state, new Event.HealthDue(), harness.moment())
                .update()
                .runtime()
                .waitsForMemory())
        .isEmpty();
  }
}
