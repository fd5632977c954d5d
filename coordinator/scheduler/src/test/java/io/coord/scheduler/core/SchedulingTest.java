package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Schedules fire once for all that was missed, whatever the clock does. */
class SchedulingTest {
  /** Fires at each full ten minutes; "never" does not. */
  private static Optional<Instant> everyTenMinutes(String cron, Instant after) {
    long seconds = Math.floorDiv(after.getEpochSecond(), 600) * 600 + 600;
    return cron.equals("never") ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds));
  }

  private final DeciderHarness harness =
      new DeciderHarness(20, 40, new TreeMap<>(), SchedulingTest::everyTenMinutes);

  private List<String> fired() {
    return harness.changes.stream()
        .filter(Change.Enqueued.class::isInstance)
        .map(change -> ((Change.Enqueued) change).experiment())
        .map(Experiment::id)
        .toList();
  }

  private void afterwards(Duration time) {
    harness.wait(time);
    harness.readZones();
    harness.happens(new Event.SchedulesDue());
  }

  @Test
  void enqueuesRepeatedlyWithNumberedIds() {
    assertThat(harness.schedule("s", "x", asked("s", "")).toString())
        .contains("first run at 2026-11-20T12:10Z, Z");
    afterwards(Duration.ofMinutes(9));
    assertThat(fired()).isEmpty();
    afterwards(Duration.ofMinutes(2));
    afterwards(Duration.ofMinutes(1));
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0001", "s-0002");
    assertThat(harness.dispatched()).containsExactly("s-0001", "s-0002");
    assertThat(harness.experiment("s-0001").submission().owner()).isEqualTo("ada");
  }

  @Test
  void ofTwoSchedulesWithOneUniqueKeyOnlyOneEnqueues() {
    harness.schedule("s", "x", asked("s", "'unique_key': 'k'"));
    harness.schedule("t", "x", asked("t", "'unique_key': 'k'"));
    afterwards(Duration.ofMinutes(11));
    assertThat(fired()).containsExactly("s-0001");
  }

  /** What ended before the schedule fires, and before it was made, is known without the ledger. */
  @Test
  void itsExperimentsKnowHowTheirDependenciesEnded() {
    harness.enqueue(asked("before", ""));
    harness.completes("before", 1);
    harness.enqueue(asked("after", ""));
    harness.schedule("s", "x", asked("s", "'after': ['before', 'after']"));
    harness.completes("after", 2);
    afterwards(Duration.ofMinutes(11));
    afterwards(Duration.ofMinutes(11));
    assertThat(harness.dispatched()).contains("s-0001", "s-0002");
    harness.unschedule("s", "ada", false);
    harness.completes("s-0001", 3);
    harness.completes("s-0002", 4);
    assertThat(harness.state.awaited()).isEmpty();
  }

  @Test
  void makesUpForAllMissedTimesWithOne() {
    harness.schedule("s", "x", asked("s", ""));
    afterwards(Duration.ofDays(3));
    afterwards(Duration.ofSeconds(5));
    assertThat(fired()).containsExactly("s-0001");
  }

  @Test
  void refusesACronThatNeverMatchesAndADuplicateId() {
    assertThat(harness.schedule("s", "never", asked("s", "")).toString())
        .contains("cron expression 'never' never fires");
    harness.schedule("s", "x", asked("s", ""));
    assertThat(harness.schedule("s", "x", asked("s", "")).toString())
        .contains("a schedule with that id exists");
  }

  @Test
  void refusesAnUnknownDependency() {
    assertThat(harness.schedule("s", "x", asked("s", "'after': ['s-0001']")))
        .isInstanceOf(RequestOutcome.Refused.class);
    assertThat(harness.state.schedules()).isEmpty();
  }

  @Test
  void skipsARefusedExperiment() {
    harness.schedule("s", "x", asked("s", "'unique_key': 'k'"));
    afterwards(Duration.ofMinutes(10));
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0001");
    assertThat(harness.state.schedules().iterator().next().refusal().orElseThrow())
        .contains("unique key 'k' is used by 's-0001'");
    harness.completes("s-0001", 1);
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).as("no number is lost").containsExactly("s-0001", "s-0002");
    assertThat(harness.state.schedules().iterator().next().refusal()).isEmpty();
  }

  @Test
  void skipsANumberInUse() {
    harness.schedule("s", "x", asked("s", ""));
    harness.state.skipNumber("s-0001");
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0002");
  }

  @Test
  void skipsANumberThatAUserHasChosenAsAnId() {
    harness.schedule("s", "x", asked("s", ""));
    harness.enqueue(spec("s-0001"));
    harness.enqueue(spec("s-0002"));
    harness.state.skipNumber("s-0003");
    harness.forget();
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0004");
  }

  @Test
  void isRemovedByItsOwnerOrTheOperator() {
    harness.schedule("s", "x", asked("s", ""));
    assertThat(harness.unschedule("s", "eve", false)).isInstanceOf(RequestOutcome.Refused.class);
    assertThat(harness.unschedule("s", "eve", true))
        .isInstanceOf(RequestOutcome.Acknowledged.class);
    assertThat(harness.unschedule("s", "ada", false)).isInstanceOf(RequestOutcome.Refused.class);
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).isEmpty();
  }

  @Test
  void waitsWhileTheClockStandsIn1970AndCatchesUpAtMostOnce() {
    harness.schedule("s", "x", asked("s", ""));
    harness.wallIsOffBy = Duration.between(harness.now, Instant.EPOCH);
    afterwards(Duration.ofMinutes(15));
    afterwards(Duration.ofMinutes(15));
    assertThat(fired()).isEmpty();
    harness.wallIsOffBy = Duration.ZERO;
    afterwards(Duration.ofSeconds(5));
    afterwards(Duration.ofSeconds(5));
    assertThat(fired()).containsExactly("s-0001");
  }

  @Test
  void continuesAfterAClockThatWasAYearAhead() {
    harness.schedule("s", "x", asked("s", ""));
    harness.wallIsOffBy = Duration.ofDays(365);
    afterwards(Duration.ofSeconds(5));
    assertThat(fired()).containsExactly("s-0001");
    harness.wallIsOffBy = Duration.ZERO;
    afterwards(Duration.ofSeconds(5));
    assertThat(fired()).containsExactly("s-0001");
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0001", "s-0002");
  }

  @Test
  void doesNotRepeatATimeWhenTheClockGoesBackALittle() {
    harness.schedule("s", "x", asked("s", ""));
    afterwards(Duration.ofMinutes(10));
    harness.wallIsOffBy = Duration.ofMinutes(-5);
    afterwards(Duration.ofMinutes(6));
    assertThat(fired()).containsExactly("s-0001");
  }

  @Test
  void keepsTheOrderWhenTheClockJumps() {
    harness.heat(76);
    harness.enqueue(asked("a", ""));
    harness.wallIsOffBy = Duration.ofDays(-365);
    harness.enqueue(asked("b", ""));
    harness.wallIsOffBy = Duration.between(harness.now, Instant.EPOCH);
    harness.enqueue(asked("c", ""));
    harness.heat(40);
    for (int i = 0; i < 4; i++) {
      afterwards(Duration.ofSeconds(15));
    }
    assertThat(harness.dispatched()).containsExactly("a", "b", "c");
  }
}
