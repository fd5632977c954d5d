package io.coord.coordinator.app;

import io.coord.coordinator.core.Event;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.Zones;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the zones and calls for a health check, each at its own interval. */
final class Sensors implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sensors.class);

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "sensors");
            thread.setDaemon(true);
            return thread;
          });
  private final Zones zones;
  private final Consumer<Event> post;
  private final Runnable tidy;
  private volatile List<ZoneReading> readings = List.of();

  /**
   * @param tidy called at each health check
   */
  Sensors(Zones zones, Consumer<Event> post, Runnable tidy) {
    this.zones = zones;
    this.post = post;
    this.tidy = tidy;
  }

  /** Begins, with a reading at once. */
  void start(Duration temperatureInterval, Duration healthInterval) {
    timer.scheduleWithFixedDelay(
        this::read, 0, temperatureInterval.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(
        this::check, healthInterval.toMillis(), healthInterval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The readings made last; empty before the first. */
  List<ZoneReading> readings() {
    return readings;
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
      List<ZoneReading> now = zones.read();
      readings = now;
      post.accept(new Event.ZonesRead(ZoneSelection.summarise(now)));
    } catch (RuntimeException e) {
      // A timer that throws is never called again; the next reading must still be made.
      LOG.error("cannot read the thermal zones; the last reading stands", e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
