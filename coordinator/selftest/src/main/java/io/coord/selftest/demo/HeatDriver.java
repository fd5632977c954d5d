package io.coord.selftest.demo;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.BoardFixture;
import io.coord.selftest.harness.HarnessUnits;
import io.coord.systemd.cgroup.Cgroup;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Heats the simulated board while the last experiment runs, and cools it down after the stop.
 * Measures with its own clock how long the processes live after the heating.
 */
final class HeatDriver implements AutoCloseable {
  private static final int POLL_MILLIS = 10;
  private static final double COOLING_STEP = 6;
  private static final double COOL_CELSIUS = 55;

  private final BoardFixture board;
  private final HarnessUnits units;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "process-watch");
            thread.setDaemon(true);
            return thread;
          });

  private double celsius = BoardFixture.HOT_CELSIUS;
  private Optional<Instant> heatedAt = Optional.empty();
  private Optional<Instant> coolingFrom = Optional.empty();
  private boolean resting;
  private int slotsTaken;
  private int processes;
  private volatile Optional<Duration> lastProcessGone = Optional.empty();

  HeatDriver(BoardFixture board, HarnessUnits units) {
    this.board = board;
    this.units = units;
  }

  /** Takes the next step, if it is due. */
  void step(ApiClient.Status status, ApiClient.Seen heated) {
    if (heatedAt.isEmpty()) {
      boolean due =
          heated.state().equals("running")
              && heated.cycle().number().orElse(0) >= DemoExperiments.HEATED_AFTER_CYCLE;
      if (due) {
        slotsTaken = status.slotsTaken();
        heatUp();
      }
    } else if (coolingFrom.isEmpty()) {
      if (heated.state().equals("cooling")) {
        coolingFrom = Optional.of(Instant.now());
      }
    } else if (!resting) {
      celsius -= COOLING_STEP;
      double end = Math.max(board.restCelsius(), COOL_CELSIUS);
      resting = celsius <= end;
      if (resting) {
        board.rest();
      } else {
        board.heat(celsius);
      }
    }
  }

  private void heatUp() {
    Optional<Cgroup> cgroup = units.cgroup(DemoExperiments.HEATED);
    processes = cgroup.map(group -> group.processes().size()).orElse(0);
    long from = System.nanoTime();
    heatedAt = Optional.of(Instant.now());
    board.heat(BoardFixture.HOT_CELSIUS);
    cgroup.ifPresent(
        group ->
            timer.scheduleWithFixedDelay(
                () -> {
                  if (group.processes().isEmpty()) {
                    lastProcessGone = Optional.of(Duration.ofNanos(System.nanoTime() - from));
                    timer.shutdown();
                  }
                },
                POLL_MILLIS,
                POLL_MILLIS,
                TimeUnit.MILLISECONDS));
  }

  /**
   * When the sensors began to read {@link BoardFixture#HOT_CELSIUS}; empty if that never happened.
   */
  Optional<Instant> heatedAt() {
    return heatedAt;
  }

  /** When the sensors began to read less; empty if that never happened. */
  Optional<Instant> coolingFrom() {
    return coolingFrom;
  }

  /** From the heating until the experiment's cgroup was empty. */
  Optional<Duration> lastProcessGone() {
    return lastProcessGone;
  }

  /** How many processes the experiment had when it was heated. */
  int processes() {
    return processes;
  }

  /** How many experiments held a slot when it was heated. */
  int slotsTaken() {
    return slotsTaken;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
