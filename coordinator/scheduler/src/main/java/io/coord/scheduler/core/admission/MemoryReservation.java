package io.coord.scheduler.core.admission;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.state.QueueLane;
import io.coord.scheduler.core.state.State;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Memory that is reserved for an experiment that has waited long at the head of the queue. Of those
 * behind it, only what does not delay it may start (backfill): what ends before it can start, or
 * fits beside it.
 *
 * @param head the experiment that waits
 * @param startsIn how long it waits at most until enough of the running experiments have reached
 *     their time limit; empty if that depends on one without a limit
 * @param besideBytes how much memory is free beside it once it starts
 */
public record MemoryReservation(Experiment head, Optional<Duration> startsIn, long besideBytes) {

  private record Running(Experiment experiment, Optional<Duration> left) {
    long ramBytes() {
      return experiment.submission().ramBytes();
    }
  }

  /**
   * For an experiment that does not fit now.
   *
   * @param freeBytes the memory that is free now
   */
  static MemoryReservation of(State state, Experiment head, long freeBytes, Duration uptime) {
    // Those without a limit come last, the oldest first: nothing says when they end, but each does.
    List<Running> running =
        state.active().stream()
            .map(active -> new Running(active, state.timeLeft(active, uptime)))
            .sorted(
                Comparator.comparing((Running one) -> one.left().isEmpty())
                    .thenComparing(one -> one.left().orElse(Duration.ZERO))
                    .thenComparingLong(one -> one.experiment().sequence()))
            .toList();
    long missing = head.submission().ramBytes() - freeBytes;
    Optional<Duration> startsIn = Optional.of(Duration.ZERO);
    for (Running one : running) {
      if (missing <= 0) {
        break;
      }
      missing -= one.ramBytes();
      startsIn = one.left();
    }
    return new MemoryReservation(head, startsIn, Math.max(0, -missing));
  }

  /** Whether an experiment of a lane may end before the head can start. */
  boolean mayEndBefore(QueueLane lane) {
    return startsIn.isPresent()
        && lane.shortestRuns()
            .filter(least -> lane.hasRun() || least.compareTo(startsIn.get()) <= 0)
            .isPresent();
  }

  /** Whether the start of an experiment does not delay the head. */
  boolean allows(State state, Experiment experiment, Duration uptime) {
    if (State.ORDER.compare(experiment, head) <= 0
        || experiment.submission().ramBytes() <= besideBytes) {
      return true;
    }
    Optional<Duration> left = state.timeLeft(experiment, uptime);
    return startsIn.isPresent()
        && left.filter(time -> time.compareTo(startsIn.get()) <= 0).isPresent();
  }
}
