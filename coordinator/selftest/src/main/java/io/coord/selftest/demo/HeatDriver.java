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
 * Heats the board while the last experiment runs, and lets it cool down when that was stopped. Its
 * own clock measures how long the processes live on.
 */
final class HeatDriver implements AutoCloseable {
  private static final int LOOK_MILLIS = 10;
  private static final double COOLING_STEP = 6;
  private static final double OUT_OF_SIGHT = 55;

  private final BoardFixture board;
  private final HarnessUnits units;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "last-process");
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

  /** Takes the next step of the script, if its time has come. */
  void step(ApiClient.Status status, ApiClient.Seen heated) {
    if (heatedAt.isEmpty()) {
      boolean due =
          heated.state().equals("running")
              && heated.cycle().orElse(0) >= DemoExperiments.HEATED_AFTER_CYCLE;
      if (due) {
        slotsTaken = status.slotsTaken();
        begin();
      }
    } else if (coolingFrom.isEmpty()) {
      if (heated.state().equals("cooling")) {
        coolingFrom = Optional.of(Instant.now());
      }
    } else if (!resting) {
      celsius -= COOLING_STEP;
      double end = Math.max(board.restCelsius(), OUT_OF_SIGHT);
      resting = celsius <= end;
      if (resting) {
        board.rest();
      } else {
        board.heat(celsius);
      }
    }
  }

  private void begin() {
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
                LOOK_MILLIS,
                LOOK_MILLIS,
                TimeUnit.MILLISECONDS));
  }

  /** When the sensors began to read {@link BoardFixture#HOT_CELSIUS}; empty if that never came. */
  Optional<Instant> heatedAt() {
    return heatedAt;
  }

  /** When the sensors began to read less; empty if that never came. */
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
