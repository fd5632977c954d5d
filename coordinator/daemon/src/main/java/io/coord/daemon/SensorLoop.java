package io.coord.daemon;

import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.thermal.BoardSensors;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.Gpu;
import io.coord.thermal.ZoneHealth;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.Zones;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
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
 *
 * <p>Three threads: one keeps the time and reads nothing, one reads the zones, one reads everything
 * else. So a rail that blocks delays no temperature, and zones that block are reported as blind.
 */
final class SensorLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SensorLoop.class);

  /** The rails are averages over half a second, and a GPU asked for its load stays awake. */
  private static final Duration BOARD_READ_EVERY = Duration.ofSeconds(1);

  /** More than a reading takes in which every zone is waited for. */
  static final Duration OVERDUE = Duration.ofSeconds(6);

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(work -> daemon(work, "sensors"));
  private final ExecutorService zoneReader =
      Executors.newSingleThreadExecutor(work -> daemon(work, "zone-reader"));
  private final ExecutorService boardReader =
      Executors.newSingleThreadExecutor(work -> daemon(work, "board-reader"));
  private final Zones zones;
  private final BoardSensors board;
  private final Consumer<Gpu> gpu;
  private final Supplier<Duration> uptime;
  private final Consumer<Event> post;
  private final TelemetryRecorder recorder;
  private final Consumer<Duration> beat;
  private final Runnable tidy;
  private Duration setting = BOARD_READ_EVERY;
  private @Nullable Duration zonesAskedAt;
  private @Nullable Duration boardAskedAt;
  private boolean boardAsked;
  private @Nullable ScheduledFuture<?> next;

  /** Whether a reading is to be confirmed, which is not put off. */
  private boolean doubtful;

  /** Used by the thread that reads the zones. */
  private ZoneHealth health = ZoneHealth.NONE;

  /**
   * @param gpu is given what the GPU does
   * @param recorder is given all that is read
   * @param beat called after each reading with the time until the next
   * @param tidy called at each health check
   */
  SensorLoop(
      Zones zones,
      BoardSensors board,
      Consumer<Gpu> gpu,
      Supplier<Duration> uptime,
      Consumer<Event> post,
      TelemetryRecorder recorder,
      Consumer<Duration> beat,
      Runnable tidy) {
    this.zones = zones;
    this.board = board;
    this.gpu = gpu;
    this.uptime = uptime;
    this.post = post;
    this.recorder = recorder;
    this.beat = beat;
    this.tidy = tidy;
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Begins, with a reading at once. */
  void start(Duration temperatureInterval, Duration healthInterval) {
    synchronized (this) {
      setting = temperatureInterval;
    }
    readIn(Duration.ZERO);
    every(healthInterval, this::check);
  }

  /** Does something else between two readings; in the thread that keeps the time. */
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
      boolean sooner = doubtful && time.compareTo(ZoneHealth.READ_AGAIN) > 0;
      long millis = (sooner ? ZoneHealth.READ_AGAIN : time).toMillis();
      next = timer.schedule(this::tick, millis, TimeUnit.MILLISECONDS);
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

  /** Has everything read, unless that is still being done. */
  private void tick() {
    // Not under the lock: the coordinator's thread may wait for it.
    overdue()
        .ifPresent(
            waited -> {
              post.accept(
                  new Event.ZonesRead(
                      ZoneSelection.unanswered(
                          "the thermal zones have not answered for %d s"
                              .formatted(waited.toSeconds()))));
              beat.accept(OVERDUE);
            });
  }

  /** Asks for readings; for how long the zones have owed one, if that is too long. */
  private synchronized Optional<Duration> overdue() {
    if (timer.isShutdown()) {
      return Optional.empty();
    }
    Duration now = uptime.get();
    if (!boardAsked
        && (boardAskedAt == null || now.minus(boardAskedAt).compareTo(BOARD_READ_EVERY) >= 0)) {
      boardAsked = true;
      boardAskedAt = now;
      boardReader.execute(this::readBoard);
    }
    if (zonesAskedAt == null) {
      zonesAskedAt = now;
      doubtful = false;
      zoneReader.execute(this::readZones);
      readIn(OVERDUE);
      return Optional.empty();
    }
    Duration waited = now.minus(zonesAskedAt);
    if (waited.compareTo(OVERDUE) < 0) {
      readIn(OVERDUE.minus(waited));
      return Optional.empty();
    }
    readIn(setting.compareTo(OVERDUE) < 0 ? setting : OVERDUE);
    return Optional.of(waited);
  }

  private void readBoard() {
    try {
      BoardSnapshot snapshot = board.read();
      recorder.take(snapshot, uptime.get());
      gpu.accept(snapshot.gpu());
    } catch (RuntimeException e) {
      LOG.error("cannot read the sensors of the board; retried", e);
    } finally {
      synchronized (this) {
        boardAsked = false;
      }
      recorder.store();
    }
  }

  private void readZones() {
    Duration interval = BOARD_READ_EVERY;
    try {
      List<ZoneReading> readings = zones.read();
      Duration now = uptime.get();
      health = health.with(readings, now);
      interval = asked(health.doubts());
      // The coordinator may ask for it sooner; should it hang, the zones are read all the same.
      readIn(interval);
      recorder.take(health, now);
      post.accept(new Event.ZonesRead(ZoneSelection.summarise(health.believed())));
      if (boardOverdue(now)) {
        recorder.store();
      }
      beat.accept(interval);
    } catch (RuntimeException e) {
      LOG.error("cannot read the thermal zones; retried", e);
      asked(false);
      readIn(interval);
    }
  }

  /** Whether other sensors block: temperatures are stored all the same. */
  private synchronized boolean boardOverdue(Duration now) {
    return boardAsked && boardAskedAt != null && now.minus(boardAskedAt).compareTo(OVERDUE) >= 0;
  }

  /** The zones have answered; the time to the next reading. */
  private synchronized Duration asked(boolean doubts) {
    zonesAskedAt = null;
    doubtful = doubts;
    return setting;
  }

  @Override
  public synchronized void close() {
    timer.shutdownNow();
    zoneReader.shutdownNow();
    boardReader.shutdownNow();
  }
}
