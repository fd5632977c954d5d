package io.coord.daemon;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.State;
import io.coord.systemd.SelfReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager that the coordinator is ready, and again and again that it lives: only
 * after the loop has answered, so that one that hangs is killed and started anew.
 *
 * <p>It has no timer: it rides on the one that reads the sensors, which so is watched, too.
 */
final class Heartbeat implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  /** How old the status may become where no watchdog wants to be fed. */
  private static final Duration UNWATCHED = Duration.ofSeconds(60);

  /** Asks the loop. */
  interface Loop {
    CompletableFuture<String> ask(Function<State, String> question);
  }

  private final Optional<SelfReport> report;
  private final Loop loop;
  private final Supplier<Duration> uptime;
  private final Executor thread;
  private final Duration most;

  /** When the loop answered last; null before {@link #ready}. */
  private @Nullable Duration answeredAt;

  private boolean asked;
  private boolean closed;
  private boolean failed;

  /**
   * @param report empty if nobody listens; then nothing is ever done
   * @param thread tells what there is to tell, one after the other
   */
  Heartbeat(Optional<SelfReport> report, Loop loop, Supplier<Duration> uptime, Executor thread) {
    this.report = report;
    this.loop = loop;
    this.uptime = uptime;
    this.thread = thread;
    // As sd_watchdog_enabled(3) advises: half of what systemd waits for.
    this.most = report.flatMap(SelfReport::watchdog).orElse(UNWATCHED).dividedBy(2);
  }

  /** How much time may pass from one {@link #beat} to the next. */
  Duration most() {
    return most;
  }

  /** From now on requests are answered. */
  synchronized void ready() {
    answeredAt = uptime.get();
    tellWhenAnswered();
  }

  /**
   * Reports if that is due before the next beat.
   *
   * @param untilNext when that comes
   */
  synchronized void beat(Duration untilNext) {
    if (answeredAt != null && uptime.get().minus(answeredAt).plus(untilNext).compareTo(most) > 0) {
      tellWhenAnswered();
    }
  }

  private synchronized void tellWhenAnswered() {
    // A loop that has not answered yet is not asked twice: its queue is not to be filled.
    if (report.isEmpty() || asked || closed) {
      return;
    }
    asked = true;
    loop.ask(Heartbeat::status)
        .whenComplete(
            (status, problem) -> {
              answered();
              if (problem == null) {
                thread.execute(() -> report(status));
              }
            });
  }

  private synchronized void answered() {
    asked = false;
    answeredAt = uptime.get();
  }

  /** Such as "3 running, 5 queued". */
  private static String status(State state) {
    List<String> counts = new ArrayList<>();
    for (ExperimentState each : ExperimentState.values()) {
      long count = state.experiments().stream().map(Experiment::state).filter(each::equals).count();
      if (count > 0) {
        counts.add(count + " " + each.word());
      }
    }
    return counts.isEmpty() ? "nothing to do" : String.join(", ", counts);
  }

  /**
   * READY is repeated each time: systemd before 246 may lose what a process says that is gone by
   * the time it looks, and a second one does nothing.
   */
  private void report(String status) {
    if (isClosed()) {
      return;
    }
    Optional<String> problem =
        report.orElseThrow().report(List.of("READY=1", "STATUS=" + status, "WATCHDOG=1"));
    if (problem.isPresent() && !failed) {
      LOG.warn(
          "cannot tell systemd that the coordinator lives: {}; tried again and again, and where it"
              + " never hears, it starts the coordinator anew",
          problem.get());
    }
    failed = problem.isPresent();
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** The coordinator ends because it was asked to. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    report.ifPresent(to -> to.report(List.of("STOPPING=1", "STATUS=ending; experiments go on")));
  }
}
