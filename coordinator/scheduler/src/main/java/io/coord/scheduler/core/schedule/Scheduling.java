package io.coord.scheduler.core.schedule;

import io.coord.persistence.Change;
import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.request.Enqueuer;
import io.coord.scheduler.core.state.ScheduledIds;
import io.coord.scheduler.core.state.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * Enqueues the experiments of schedules that are due. Several runs missed while the machine or the
 * coordinator was off, or the clock was wrong, are caught up by one experiment.
 */
public final class Scheduling {
  /** A clock that shows less was not set since the machine was switched on. */
  private static final Instant CLOCK_IS_SET = Instant.parse("2020-01-01T00:00:00Z");

  private static final Duration SET_BACK = Duration.ofDays(1);

  private final DecisionBuilder builder;
  private final CronTimes times;
  private final Enqueuer enqueuer;

  public Scheduling(DecisionBuilder builder, CronTimes times, Enqueuer enqueuer) {
    this.builder = builder;
    this.times = times;
    this.enqueuer = enqueuer;
  }

  /** Enqueues an experiment for each schedule that is due. */
  public void fireDue() {
    for (Schedule schedule : builder.state().schedules()) {
      if (!schedule.enabled() || schedule.lastFireAt().isEmpty()) {
        continue;
      }
      if (isSetBack(schedule.lastFireAt().get())) {
        countFromNow(schedule);
      } else if (isDue(schedule) && !waitsForPowerModes(schedule)) {
        fire(schedule);
      }
    }
  }

  /**
   * Whether the clock showed a time before that was far from right. A clock that is a little behind
   * catches up, and one that was never set since the boot will be set.
   */
  private boolean isSetBack(Instant lastFire) {
    return builder.now().isAfter(CLOCK_IS_SET) && builder.now().isBefore(lastFire.minus(SET_BACK));
  }

  private void countFromNow(Schedule schedule) {
    builder.change(
        new Change.ScheduleSet(
            new Schedule(
                schedule.id(),
                schedule.cron(),
                schedule.spec(),
                schedule.owner(),
                true,
                schedule.nextNumber(),
                Optional.of(builder.now()))));
  }

  /** After a start, the board's power modes are known only some seconds later. */
  private boolean waitsForPowerModes(Schedule schedule) {
    return !builder.runtime().thermalState().power().isRead()
        && builder
            .state()
            .scheduleSpec(schedule.id())
            .flatMap(spec -> spec.conditions().powerMode())
            .isPresent();
  }

  private boolean isDue(Schedule schedule) {
    return dueAt(schedule, times).filter(at -> !at.isAfter(builder.now())).isPresent();
  }

  /** When the first schedule is due, which may be past; empty if none is due again. */
  public static Optional<Instant> dueAt(State state, CronTimes times) {
    return state.schedules().stream()
        .flatMap(schedule -> dueAt(schedule, times).stream())
        .min(Comparator.naturalOrder());
  }

  private static Optional<Instant> dueAt(Schedule schedule, CronTimes times) {
    return schedule
        .lastFireAt()
        .filter(at -> schedule.enabled())
        .flatMap(at -> times.next(schedule.cron(), at));
  }

  private void fire(Schedule schedule) {
    int number = ScheduledIds.nextNumber(builder.state(), schedule);
    String id = ScheduledIds.idOf(schedule, number);
    Optional<Spec> spec = builder.state().scheduleSpec(schedule.id());
    Optional<String> refusal =
        spec.isPresent()
            ? refusalOf(
                enqueuer.enqueue(id, schedule.spec(), spec.get(), schedule.owner(), schedule.id()))
            : Optional.of("this version of coord cannot read its request");
    builder.change(
        refusal.isPresent()
            ? new Change.ScheduleSet(schedule.refused(builder.now(), refusal.get()))
            : new Change.ScheduleFired(schedule.id(), number, builder.now()));
  }

  /** Why nothing was enqueued; it is tried again at the next time, with the same number. */
  private static Optional<String> refusalOf(RequestOutcome outcome) {
    return outcome instanceof RequestOutcome.Refused refused
        ? Optional.of(refused.refusal().message())
        : Optional.empty();
  }
}
