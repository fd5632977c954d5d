package io.coord.scheduler.core.state;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** What keeps many queued experiments from starting at once. */
final class QueueBlocks {
  private QueueBlocks() {}

  /** Lets those wait whose dispatch has failed with this update. */
  static void retries(StateUpdate update, Duration uptime, WaitingQueue queue) {
    for (Change change : update.changes()) {
      if (change instanceof Change.Moved moved && moved.to() instanceof Phase.Queued) {
        Optional.ofNullable(update.runtime().dispatch().retries().get(moved.id()))
            .filter(retry -> retry.waits(uptime))
            .ifPresent(retry -> queue.retryAt(moved.id(), retry.from()));
      }
    }
  }

  /** The places in which a dispatch failed and waits, or is tried with one for all. */
  static SortedSet<String> places(
      RuntimeState runtime, Collection<Experiment> active, Duration uptime) {
    TreeSet<String> blocked = new TreeSet<>();
    runtime
        .dispatch()
        .places()
        .forEach(
            (place, retry) -> {
              if (retry.waits(uptime) || isTried(place, active)) {
                blocked.add(place);
              }
            });
    return blocked;
  }

  private static boolean isTried(String place, Collection<Experiment> active) {
    return active.stream()
        .filter(one -> one.state() == ExperimentState.STARTING)
        .anyMatch(one -> DispatchState.placeOf(one).equals(Optional.of(place)));
  }

  /** The commands that are held, and of which none may be tried yet. */
  static SortedSet<BreakerState.Key> commands(
      RuntimeState runtime, Breakers breakers, Duration uptime) {
    TreeSet<BreakerState.Key> held = new TreeSet<>();
    for (BreakerState breaker : breakers.all()) {
      RuntimeState.Canary canary = runtime.canaries().get(breaker.key());
      if (breaker.held() && (canary == null || canary.from().compareTo(uptime) > 0)) {
        held.add(breaker.key());
      }
    }
    return held;
  }
}
