package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.testing.InMemoryMeasurements;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.thermal.BoardIdentity;
import io.coord.thermal.BoardSensors;
import io.coord.thermal.Boards;
import io.coord.thermal.Reading;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.Zones;
import io.coord.thermal.testing.SimulatedBoard;
import io.coord.thermal.testing.SimulatedSensors;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SensorLoopTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final SimulatedBoard board = new SimulatedBoard();
  private final SimulatedSensors sensors = new SimulatedSensors(board);
  private final BlockingQueue<Event> posted = new LinkedBlockingQueue<>();
  private final CountDownLatch blocked = new CountDownLatch(1);
  private volatile Duration uptime = Duration.ofSeconds(100);
  private final TelemetryRecorder recorder =
      new TelemetryRecorder(
          new InMemoryMeasurements(),
          false,
          Boards.detect(
              new BoardIdentity(
                  Reading.missing("none"), Reading.missing("none"), Reading.missing("none"))),
          question -> new CompletableFuture<>(),
          () -> new Timestamps(Instant.EPOCH, uptime),
          Runnable::run,
          new RunCpuMeter((experiment, run) -> Optional.empty(), () -> uptime, (time, work) -> {}));

  @AfterEach
  void letAllGo() {
    blocked.countDown();
  }

  private SensorLoop loop(Zones zones, BoardSensors others) {
    SensorLoop loop =
        new SensorLoop(
            zones,
            others,
            gpu -> {},
            () -> uptime,
            posted::add,
            recorder,
            untilNext -> {},
            () -> {});
    loop.start(LONG, LONG);
    return loop;
  }

  private ZoneSelection.Summary next() throws InterruptedException {
    Event event = posted.poll(30, TimeUnit.SECONDS);
    assertThat(event).isInstanceOf(Event.ZonesRead.class);
    return ((Event.ZonesRead) event).summary();
  }

  private <T> T blocking(T value) {
    try {
      blocked.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return value;
  }

  @Test
  void zonesAreReadWhileAnotherSensorBlocks() throws Exception {
    board.set("cpu-thermal", 52);
    try (SensorLoop loop = loop(board, () -> blocking(sensors.read()))) {
      assertThat(next().sentence()).contains("52 °C");
      for (int i = 0; i < 3; i++) {
        uptime = uptime.plusSeconds(2);
        loop.carryOut(new Effect.ReadZonesIn(Duration.ZERO));
        assertThat(next().blind()).isFalse();
      }
      assertThat(recorder.snapshot()).isEmpty();
      assertThat(recorder.zonesAge()).contains(Duration.ZERO);
    }
  }

  @Test
  void aWildSampleIsReadAgainHoweverLateTheNextReadingIs() throws Exception {
    try (SensorLoop loop = loop(board, sensors)) {
      assertThat(next().sentence()).contains("48 °C");
      board.set("gpu-thermal", 127);
      loop.carryOut(new Effect.ReadZonesIn(Duration.ZERO));
      assertThat(next().sentence()).contains("48 °C");
      loop.carryOut(new Effect.ReadZonesIn(LONG));
      uptime = uptime.plusSeconds(3);
      assertThat(next().sentence()).as("two readings agree").contains("127 °C");

      board.removeAll();
      loop.carryOut(new Effect.ReadZonesIn(Duration.ZERO));
      assertThat(next().blind()).isTrue();
      assertThat(recorder.zoneProblems()).hasSize(6);
    }
  }

  @Test
  void zonesThatDoNotAnswerMakeItBlind() throws Exception {
    try (SensorLoop loop = loop(() -> blocking(board.read()), sensors)) {
      // The first reading owes its answer until it is overdue.
      uptime = uptime.plus(SensorLoop.OVERDUE).plusSeconds(6);
      ZoneSelection.Summary summary = null;
      while (summary == null) {
        loop.carryOut(new Effect.ReadZonesIn(Duration.ZERO));
        Event event = posted.poll(100, TimeUnit.MILLISECONDS);
        summary = event instanceof Event.ZonesRead read ? read.summary() : null;
        uptime = uptime.plusSeconds(6);
      }
      assertThat(summary.blind()).isTrue();
      assertThat(summary.sentence()).startsWith("the thermal zones have not answered for ");

      posted.clear();
      blocked.countDown();
      while (summary.blind()) {
        summary = next();
      }
      assertThat(summary.sentence()).contains("48 °C");
    }
  }
}
