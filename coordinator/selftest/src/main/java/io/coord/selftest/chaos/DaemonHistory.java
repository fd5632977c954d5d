package io.coord.selftest.chaos;

import io.coord.selftest.harness.ChildDaemon;
import java.time.Duration;
import java.util.Optional;

/** How the daemons started and ended. */
final class DaemonHistory {
  private int starts;
  private int kills;
  private int killsBeforeReady;
  private int terminations;
  private int endedUnexpectedly;
  private int timedOut;
  private long startedAt;
  private Duration slowestStart = Duration.ZERO;
  private Duration slowestEnd = Duration.ZERO;

  void started() {
    starts++;
    startedAt = System.nanoTime();
  }

  /** Waits until the daemon that was started last answers. */
  void awaitReady(ChildDaemon daemon) throws InterruptedException {
    if (!daemon.isReady()) {
      daemon.awaitReady();
      slowestStart = longer(slowestStart, Duration.ofNanos(System.nanoTime() - startedAt));
    }
  }

  /**
   * Ends a daemon, unless it has ended unexpectedly.
   *
   * @return how long it took; empty if it was killed, or had ended
   */
  Optional<Duration> end(ChildDaemon daemon, boolean gently) throws InterruptedException {
    if (daemon.hasEnded()) {
      endedUnexpectedly++;
      return Optional.empty();
    }
    if (!gently) {
      kills++;
      killsBeforeReady += daemon.isReady() ? 0 : 1;
      daemon.kill();
      return Optional.empty();
    }
    terminations++;
    Optional<Duration> took = daemon.stop();
    took.ifPresentOrElse(time -> slowestEnd = longer(slowestEnd, time), () -> timedOut++);
    return took;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  int starts() {
    return starts;
  }

  /** How many were ended with SIGKILL. */
  int kills() {
    return kills;
  }

  /** How many of these were killed before they answered requests. */
  int killsBeforeReady() {
    return killsBeforeReady;
  }

  /** How many were sent SIGTERM. */
  int terminations() {
    return terminations;
  }

  int endedUnexpectedly() {
    return endedUnexpectedly;
  }

  /** How many did not end in time after SIGTERM. */
  int timedOut() {
    return timedOut;
  }

  /** The longest time until a daemon was ready, where that was awaited. */
  Duration slowestStart() {
    return slowestStart;
  }

  /** The longest time from SIGTERM to the end. */
  Duration slowestEnd() {
    return slowestEnd;
  }
}
