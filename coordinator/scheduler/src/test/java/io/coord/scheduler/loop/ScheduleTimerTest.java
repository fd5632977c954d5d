package io.coord.scheduler.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.Schedule;
import io.coord.persistence.testing.InMemoryLedger;
import io.coord.runner.Spec;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.executor.CompositeExecutor;
import io.coord.scheduler.testing.Samples;
import io.coord.thermal.Heat;
import io.coord.thermal.Thresholds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Schedules fire at their times although nothing else happens: no reading, no request. */
class ScheduleTimerTest {
  private static final Instant BEGIN = Samples.START;

  private final InMemoryLedger ledger = new InMemoryLedger();
  private Instant wall = BEGIN;
  private Duration uptime = Duration.ofHours(1);

  /** Passes with each look at the clock. */
  private Duration tick = Duration.ZERO;

  /** Done once the schedule is asked for what follows its first time. */
  private final CountDownLatch fired = new CountDownLatch(1);

  private final Loop loop =
      new Loop(
          new State(
              new RestoredState(
                  ledger::eachActive,
                  0,
                  Optional.empty(),
                  List.of(),
                  List.of(),
                  CoordinatorState.INITIAL,
                  id -> Optional.empty(),
                  id -> ledger.spec(id)),
              RuntimeState.unknown(
                  ThermalState.unknown(
                      Heat.unknown(BEGIN), PowerState.unknown(Optional.empty(), 4))),
              text -> Optional.empty()),
          new Decider(
              new Limits(
                  new Limits.Capacity(1, Samples.GIB, new TreeMap<>()), 1, Thresholds.DEFAULT),
              this::everyTenMinutes),
          ledger,
          this::moment,
          post -> new CompositeExecutor());

  private Timestamps moment() {
    passes(tick);
    return new Timestamps(wall, uptime);
  }

  private Optional<Instant> everyTenMinutes(String cron, Instant after) {
    if (!after.isBefore(BEGIN.plusSeconds(600))) {
      fired.countDown();
    }
    return Optional.of(
        Instant.ofEpochSecond(Math.floorDiv(after.getEpochSecond(), 600) * 600 + 600));
  }

  private void schedule(String fields) {
    Spec spec =
        Samples.read(
            "{'name': 's', 'command': ['x'], 'working_directory': '/', 'ram': '16M'%s}"
                .formatted(fields));
    loop.request(
        ticket ->
            new Event.ScheduleAsked(
                ticket,
                new Schedule("s", "x", "spec", "ada", true, 1, Optional.empty()),
                spec,
                new TreeMap<>()));
    work();
  }

  private void work() {
    while (loop.step()) {}
  }

  private void passes(Duration time) {
    wall = wall.plus(time);
    uptime = uptime.plus(time);
  }

  private List<String> enqueued() {
    return ledger.active().stream().map(Experiment::id).toList();
  }

  @Test
  void waitsForEventsOnlyWhereThereAreNoSchedules() {
    work();
    assertThat(loop.pause()).isEmpty();
  }

  @Test
  void firesAtItsTime() {
    schedule("");
    for (int minute = 0; minute < 10; minute++) {
      assertThat(enqueued()).isEmpty();
      Duration pause = loop.pause().orElseThrow();
      assertThat(pause).isPositive().isLessThanOrEqualTo(Duration.ofMinutes(1));
      passes(pause);
      work();
    }
    assertThat(wall).isEqualTo(BEGIN.plusSeconds(600));
    assertThat(enqueued()).containsExactly("s-0001");
  }

  @Test
  void noticesAClockThatIsSetForward() {
    schedule("");
    wall = wall.plusSeconds(3600);
    assertThat(loop.pause()).contains(Duration.ZERO);
    work();
    assertThat(enqueued()).containsExactly("s-0001");
  }

  @Test
  void countsAgainFromAClockThatIsSetBackFar() {
    schedule("");
    wall = wall.minus(Duration.ofDays(300));
    passes(loop.pause().orElseThrow());
    work();
    assertThat(enqueued()).isEmpty();
    passes(Duration.ofMinutes(10));
    work();
    assertThat(enqueued()).containsExactly("s-0001");
  }

  @Test
  void triesAgainLaterWhatCannotBeStored() {
    schedule("");
    passes(Duration.ofMinutes(10));
    ledger.failNextCommits(2);
    work();
    assertThat(enqueued()).isEmpty();
    assertThat(loop.pause()).contains(Duration.ofSeconds(10));
    passes(Duration.ofSeconds(10));
    work();
    assertThat(loop.pause()).contains(Duration.ofSeconds(10));
    passes(Duration.ofSeconds(10));
    work();
    assertThat(enqueued()).containsExactly("s-0001");
  }

  @Test
  void waitsUntilThePowerModesWereRead() {
    schedule(", 'nvpmodel_mode': 'MAXN'");
    passes(Duration.ofMinutes(10));
    work();
    assertThat(ledger.schedules().get(0).nextNumber()).as("no number is lost").isEqualTo(1);
    assertThat(loop.pause()).contains(Duration.ofSeconds(10));
  }

  /** The loop's own thread wakes without an event. */
  @Test
  void wakesTheLoop() throws InterruptedException {
    schedule("");
    wall = BEGIN.plusSeconds(600).minusMillis(20);
    tick = Duration.ofMillis(5);
    Thread thread = new Thread(loop::run);
    thread.start();
    assertThat(fired.await(60, TimeUnit.SECONDS)).isTrue();
    loop.close();
    thread.join();
    assertThat(enqueued()).containsExactly("s-0001");
  }
}
