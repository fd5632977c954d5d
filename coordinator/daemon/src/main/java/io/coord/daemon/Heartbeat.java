package io.coord.daemon;

import io.coord.scheduler.core.state.State;
import io.coord.systemd.ServiceNotifier;
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
 * Reports to the service manager that the coordinator is ready, and sends watchdog pings. A ping is
 * sent only after the loop has answered, so systemd restarts a coordinator that hangs.
 *
 * <p>There is no timer here: the loop that reads the sensors calls {@link #beat}, so a hanging
 * sensor loop stops the pings, too.
 */
final class Heartbeat implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  /** How old the status may become where there is no watchdog. */
  private static final Duration STATUS_AGE = Duration.ofSeconds(60);

  /** Asks the loop. */
  interface Loop {
    CompletableFuture<String> ask(Function<State, String> question);
  }

  private final Optional<ServiceNotifier> notifier;
  private final Loop loop;
  private final Supplier<Duration> uptime;
  private final Executor thread;
  private final Duration interval;

  /** When the loop answered last; null before {@link #ready}. */
  private @Nullable Duration answeredAt;

  private boolean asked;
  private boolean closed;
  private boolean failed;

  /**
   * @param notifier empty if the service manager wants no reports; then nothing is ever done
   * @param thread sends the reports, one after the other
   */
  Heartbeat(
      Optional<ServiceNotifier> notifier, Loop loop, Supplier<Duration> uptime, Executor thread) {
    this.notifier = notifier;
    this.loop = loop;
    this.uptime = uptime;
    this.thread = thread;
    // As sd_watchdog_enabled(3) advises: half of what systemd waits for.
    this.interval = notifier.flatMap(ServiceNotifier::watchdog).orElse(STATUS_AGE).dividedBy(2);
  }

  /** The longest time from one {@link #beat} to the next. */
  Duration interval() {
    return interval;
  }

  /** From now on requests are answered. */
  synchronized void ready() {
    answeredAt = uptime.get();
    reportWhenAnswered();
  }

  /**
   * Reports if that is due before the next beat.
   *
   * @param untilNext when that comes
   */
  synchronized void beat(Duration untilNext) {
    if (answeredAt != null
        && uptime.get().minus(answeredAt).plus(untilNext).compareTo(interval) > 0) {
      reportWhenAnswered();
    }
  }

  private synchronized void reportWhenAnswered() {
    // A loop that has not answered yet is not asked twice: its queue is not to be filled.
    if (notifier.isEmpty() || asked || closed) {
      return;
    }
    asked = true;
    loop.ask(Heartbeat::status)
        .whenComplete(
            (status, problem) -> {
              answered();
              if (problem == null) {
                thread.execute(() -> send(status));
              }
            });
  }

  private synchronized void answered() {
    asked = false;
    answeredAt = uptime.get();
  }

  /** For example "3 running, 5 queued". */
  private static String status(State state) {
    List<String> counts = new ArrayList<>();
    state.counts().forEach((each, count) -> counts.add(count + " " + each.word()));
    return counts.isEmpty() ? "idle" : String.join(", ", counts);
  }

  /**
   * READY is repeated each time: systemd before 246 may lose what a process says that is gone by
   * the time it looks, and a second one does nothing.
   */
  private void send(String status) {
    if (isClosed()) {
      return;
    }
    Optional<String> problem =
        notifier.orElseThrow().send(List.of("READY=1", "STATUS=" + status, "WATCHDOG=1"));
    if (problem.isPresent() && !failed) {
      LOG.warn(
          "cannot send a watchdog ping to systemd: {}; retried; systemd restarts the coordinator if"
              + " no ping arrives",
          problem.get());
    }
    failed = problem.isPresent();
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Reports that the coordinator ends because it was asked to. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    notifier.ifPresent(
        to -> to.send(List.of("STOPPING=1", "STATUS=stopping; experiments continue")));
  }
}
