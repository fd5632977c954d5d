package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.RequestOutcome;
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

  private final DeciderHarness desk =
      new DeciderHarness(20, 40, new TreeMap<>(), SchedulingTest::everyTenMinutes);

  private List<String> fired() {
    return desk.changes.stream()
        .filter(Change.Enqueued.class::isInstance)
        .map(change -> ((Change.Enqueued) change).experiment())
        .map(Experiment::id)
        .toList();
  }

  private void afterwards(Duration time) {
    desk.wait(time);
    desk.readZones();
  }

  @Test
  void enqueuesAgainAndAgainWithNumberedIds() {
    assertThat(desk.schedule("s", "x", asked("s", "")).toString())
        .contains("first run at 2026-11-20T12:10:00Z");
    afterwards(Duration.ofMinutes(9));
    assertThat(fired()).isEmpty();
    afterwards(Duration.ofMinutes(2));
    afterwards(Duration.ofMinutes(1));
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0001", "s-0002");
    assertThat(desk.dispatched()).containsExactly("s-0001", "s-0002");
    assertThat(desk.experiment("s-0001").submission().owner()).isEqualTo("ada");
  }

  @Test
  void ofTwoThatShareAUniqueKeyOnlyOneEnqueuesAtATime() {
    desk.schedule("s", "x", asked("s", "'unique_key': 'k'"));
    desk.schedule("t", "x", asked("t", "'unique_key': 'k'"));
    afterwards(Duration.ofMinutes(11));
    assertThat(fired()).containsExactly("s-0001");
  }

  /** What ended before the schedule fires, and before it was made, is known without the ledger. */
  @Test
  void itsExperimentsKnowHowThoseEndedThatTheyWaitFor() {
    desk.enqueue(asked("before", ""));
    desk.completes("before", 1);
    desk.enqueue(asked("after", ""));
    desk.schedule("s", "x", asked("s", "'after': ['before', 'after']"));
    desk.completes("after", 2);
    afterwards(Duration.ofMinutes(11));
    afterwards(Duration.ofMinutes(11));
    assertThat(desk.dispatched()).contains("s-0001", "s-0002");
    desk.unschedule("s", "ada", false);
    desk.completes("s-0001", 3);
    desk.completes("s-0002", 4);
    assertThat(desk.state.awaited()).isEmpty();
  }

  @Test
  void makesUpForAllMissedTimesWithOne() {
    desk.schedule("s", "x", asked("s", ""));
    afterwards(Duration.ofDays(3));
    afterwards(Duration.ofSeconds(5));
    assertThat(fired()).containsExactly("s-0001");
  }

  @Test
  void refusesWhatNeverFiresAndWhatThereIs() {
    assertThat(desk.schedule("s", "never", asked("s", "")).toString()).contains("never matches");
    desk.schedule("s", "x", asked("s", ""));
    assertThat(desk.schedule("s", "x", asked("s", "")).toString())
        .contains("a schedule with that id exists");
  }

  @Test
  void refusesToWaitForWhatThereNeverWas() {
    assertThat(desk.schedule("s", "x", asked("s", "'after': ['s-0001']")))
        .isInstanceOf(RequestOutcome.Refused.class);
    assertThat(desk.state.schedules()).isEmpty();
  }

  @Test
  void leavesOneOutThatIsRefused() {
    desk.schedule("s", "x", asked("s", "'unique_key': 'k'"));
    afterwards(Duration.ofMinutes(10));
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0001");
    desk.completes("s-0001", 1);
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0001", "s-0003");
  }

  @Test
  void leavesOutANumberThatIsTaken() {
    desk.schedule("s", "x", asked("s", ""));
    desk.state.skipNumber("s-0001");
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0002");
  }

  @Test
  void leavesOutANumberWhoseIdSomebodyHasChosen() {
    desk.schedule("s", "x", asked("s", ""));
    desk.enqueue(spec("s-0001"));
    desk.enqueue(spec("s-0002"));
    desk.state.skipNumber("s-0003");
    desk.forget();
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0004");
  }

  @Test
  void isRemovedByItsOwnerOrTheOperator() {
    desk.schedule("s", "x", asked("s", ""));
    assertThat(desk.unschedule("s", "eve", false)).isInstanceOf(RequestOutcome.Refused.class);
    assertThat(desk.unschedule("s", "eve", true)).isInstanceOf(RequestOutcome.Acknowledged.class);
    assertThat(desk.unschedule("s", "ada", false)).isInstanceOf(RequestOutcome.Refused.class);
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).isEmpty();
  }

  @Test
  void waitsWhileTheClockStandsIn1970AndCatchesUpAtMostOnce() {
    desk.schedule("s", "x", asked("s", ""));
    desk.wallIsOffBy = Duration.between(desk.now, Instant.EPOCH);
    afterwards(Duration.ofMinutes(15));
    afterwards(Duration.ofMinutes(15));
    assertThat(fired()).isEmpty();
    desk.wallIsOffBy = Duration.ZERO;
    afterwards(Duration.ofSeconds(5));
    afterwards(Duration.ofSeconds(5));
    assertThat(fired()).containsExactly("s-0001");
  }

  @Test
  void goesOnAfterAClockThatWasAYearAhead() {
    desk.schedule("s", "x", asked("s", ""));
    desk.wallIsOffBy = Duration.ofDays(365);
    afterwards(Duration.ofSeconds(5));
    assertThat(fired()).containsExactly("s-0001");
    desk.wallIsOffBy = Duration.ZERO;
    afterwards(Duration.ofSeconds(5));
    assertThat(fired()).containsExactly("s-0001");
    afterwards(Duration.ofMinutes(10));
    assertThat(fired()).containsExactly("s-0001", "s-0002");
  }

  @Test
  void doesNotRepeatATimeWhenTheClockGoesBackALittle() {
    desk.schedule("s", "x", asked("s", ""));
    afterwards(Duration.ofMinutes(10));
    desk.wallIsOffBy = Duration.ofMinutes(-5);
    afterwards(Duration.ofMinutes(6));
    assertThat(fired()).containsExactly("s-0001");
  }

  @Test
  void keepsTheOrderWhateverTheClockSays() {
    desk.heat(76);
    desk.enqueue(asked("a", ""));
    desk.wallIsOffBy = Duration.ofDays(-365);
    desk.enqueue(asked("b", ""));
    desk.wallIsOffBy = Duration.between(desk.now, Instant.EPOCH);
    desk.enqueue(asked("c", ""));
    desk.heat(40);
    for (int i = 0; i < 4; i++) {
      afterwards(Duration.ofSeconds(15));
    }
    assertThat(desk.dispatched()).containsExactly("a", "b", "c");
  }
}
