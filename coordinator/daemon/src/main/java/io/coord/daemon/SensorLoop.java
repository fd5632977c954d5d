package io.coord.daemon;

import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.thermal.BoardSensors;
import io.coord.thermal.StuckZones;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.Zones;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the zones, as often as the setting says and sooner where the coordinator asks for it, and
 * the other sensors beside them; calls for a health check at its own interval.
 */
final class SensorLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SensorLoop.class);

  /** The rails are averages over half a second, and a GPU asked for its load stays awake. */
  private static final Duration BOARD_READ_EVERY = Duration.ofSeconds(1);

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "sensors");
            thread.setDaemon(true);
            return thread;
          });
  private final Zones zones;
  private final BoardSensors board;
  private final Supplier<Duration> uptime;
  private final Consumer<Event> post;
  private final TelemetryRecorder recorder;
  private final Consumer<Duration> beat;
  private final Runnable tidy;
  private Duration setting = BOARD_READ_EVERY;
  private StuckZones stuck = StuckZones.NONE;
  private @Nullable Duration boardReadAt;
  private @Nullable ScheduledFuture<?> next;

  /**
   * @param recorder is given all that is read
   * @param beat called after each reading with the time until the next
   * @param tidy called at each health check
   */
  SensorLoop(
      Zones zones,
      BoardSensors board,
      Supplier<Duration> uptime,
      Consumer<Event> post,
      TelemetryRecorder recorder,
      Consumer<Duration> beat,
      Runnable tidy) {
    this.zones = zones;
    this.board = board;
    this.uptime = uptime;
    this.post = post;
    this.recorder = recorder;
    this.beat = beat;
    this.tidy = tidy;
  }

  /** Begins, with a reading at once. */
  void start(Duration temperatureInterval, Duration healthInterval) {
    setting = temperatureInterval;
    readIn(Duration.ZERO);
    every(healthInterval, this::check);
  }

  /** Does something else between two readings; in the same thread. */
  void every(Duration time, Runnable work) {
    timer.scheduleWithFixedDelay(work, time.toMillis(), time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Schedules the next reading of the zones. */
  void carryOut(Effect.ReadZonesIn effect) {
    readIn(effect.time());
  }

  private synchronized void readIn(Duration time) {
    if (next != null) {
      next.cancel(false);
    }
    if (!timer.isShutdown()) {
      next = timer.schedule(this::read, time.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void check() {
    try {
      post.accept(new Event.HealthDue());
      tidy.run();
    } catch (RuntimeException e) {
      LOG.error("cannot do the health check; the next one comes", e);
    }
  }

  private void read() {
    try {
      Duration now = uptime.get();
      List<ZoneReading> readings = zones.read();
      stuck = stuck.with(readings, now);
      List<ZoneReading> sound = stuck.without(readings, now);
      if (boardReadAt == null || now.minus(boardReadAt).compareTo(BOARD_READ_EVERY) >= 0) {
        boardReadAt = now;
        recorder.take(board.read());
      }
      post.accept(new Event.ZonesRead(ZoneSelection.summarise(sound)));
      recorder.take(sound, now);
      beat.accept(setting);
    } catch (RuntimeException e) {
      LOG.error("cannot read the sensors; the last reading stands", e);
    } finally {
      // The coordinator may ask for it sooner; should it hang, the zones are read all the same.
      readIn(setting);
    }
  }

  @Override
  public synchronized void close() {
    timer.shutdownNow();
  }
}
