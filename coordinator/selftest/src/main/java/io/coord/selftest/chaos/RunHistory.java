package io.coord.selftest.chaos;

import io.coord.selftest.harness.ChildDaemon;
import java.time.Duration;
import java.util.Optional;

/** What became of the daemons, each of which lived once. */
final class RunHistory {
  private int starts;
  private int kills;
  private int killsBeforeReady;
  private int terminations;
  private int endedByThemselves;
  private int stubborn;
  private long startedAt;
  private Duration slowestStart = Duration.ZERO;
  private Duration slowestEnd = Duration.ZERO;

  void started() {
    starts++;
    startedAt = System.nanoTime();
  }

  /** Waits until the one that was started last answers. */
  void awaitReady(ChildDaemon daemon) throws InterruptedException {
    if (!daemon.isReady()) {
      daemon.awaitReady();
      slowestStart = longer(slowestStart, Duration.ofNanos(System.nanoTime() - startedAt));
    }
  }

  /**
   * Ends one, unless it has ended by itself, which it should not.
   *
   * @return how long it took; empty if it was killed, or not there
   */
  Optional<Duration> end(ChildDaemon daemon, boolean gently) throws InterruptedException {
    if (daemon.hasEnded()) {
      endedByThemselves++;
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
    took.ifPresentOrElse(time -> slowestEnd = longer(slowestEnd, time), () -> stubborn++);
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

  /** How many of these had not come to answer requests. */
  int killsBeforeReady() {
    return killsBeforeReady;
  }

  /** How many were asked to end with SIGTERM. */
  int terminations() {
    return terminations;
  }

  int endedByThemselves() {
    return endedByThemselves;
  }

  /** How many did not end at SIGTERM in time. */
  int stubborn() {
    return stubborn;
  }

  /** Of those that were waited for. */
  Duration slowestStart() {
    return slowestStart;
  }

  /** From SIGTERM on. */
  Duration slowestEnd() {
    return slowestEnd;
  }
}
