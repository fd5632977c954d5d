package io.coord.coordinator.core;

import io.coord.persistence.Change;
import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Enqueues what schedules ask for. However many times passed unseen, while the machine or the
 * coordinator was off or the clock was wrong, they are made up for by one experiment.
 */
final class Scheduling {
  private final Draft draft;
  private final CronTimes times;
  private final Decider decider;

  Scheduling(Draft draft, CronTimes times, Decider decider) {
    this.draft = draft;
    this.times = times;
    this.decider = decider;
  }

  /** Fires all that are due. */
  void fireDue() {
    for (Schedule schedule : draft.state.schedules()) {
      if (schedule.enabled() && schedule.lastFireAt().isPresent() && isDue(schedule)) {
        fire(schedule);
      }
    }
  }

  private boolean isDue(Schedule schedule) {
    Optional<Instant> next = times.next(schedule.cron(), schedule.lastFireAt().orElseThrow());
    return next.isPresent() && !next.get().isAfter(draft.now);
  }

  private void fire(Schedule schedule) {
    int number = schedule.nextNumber();
    String id = String.format(Locale.ROOT, "%s-%04d", schedule.id(), number);
    Optional<Spec> spec = draft.state.parse(schedule.spec());
    if (spec.isPresent()) {
      decider.enqueue(draft, id, schedule.spec(), spec.get(), schedule.owner(), schedule.id());
    }
    draft.change(new Change.ScheduleFired(schedule.id(), number, draft.now));
  }
}
