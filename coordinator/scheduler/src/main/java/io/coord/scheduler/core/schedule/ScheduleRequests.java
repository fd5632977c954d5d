package io.coord.scheduler.core.schedule;

import io.coord.persistence.Change;
import io.coord.persistence.Schedule;
import io.coord.scheduler.core.decision.Answer;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.request.Enqueuer;
import java.time.Instant;
import java.util.Optional;

/** What users ask for concerning schedules. */
public final class ScheduleRequests {
  private final DecisionBuilder builder;
  private final CronTimes times;

  public ScheduleRequests(DecisionBuilder builder, CronTimes times) {
    this.builder = builder;
    this.times = times;
  }

  /** Adds a schedule. */
  public void add(Event.ScheduleAsked event) {
    Schedule schedule = event.schedule();
    Optional<Instant> next = times.next(schedule.cron(), builder.now());
    Optional<String> refusal =
        find(schedule.id())
            .map(same -> "a schedule with that id exists")
            .or(
                () ->
                    Enqueuer.unknownDependency(
                        builder.state(), event.spec().ordering(), event.ended()))
            .or(
                () ->
                    next.isPresent()
                        ? Optional.empty()
                        : Optional.of("'" + schedule.cron() + "' never matches"));
    if (refusal.isPresent()) {
      builder.refuse(
          event.ticket(),
          Answer.Kind.USER,
          "cannot schedule '" + schedule.id() + "': " + refusal.get() + "; nothing was scheduled");
      return;
    }
    builder.ends(event.ended());
    // Times before the schedule was made are not missed runs.
    builder.schedule(
        new Schedule(
            schedule.id(),
            schedule.cron(),
            schedule.spec(),
            schedule.owner(),
            true,
            1,
            Optional.of(builder.now())),
        event.spec());
    builder.reply(
        event.ticket(),
        new Answer.Noted("schedule '" + schedule.id() + "': first run at " + next.orElseThrow()));
  }

  /** Removes a schedule. */
  public void remove(Event.UnscheduleAsked event) {
    Optional<Schedule> found = find(event.id());
    if (found.isEmpty()) {
      builder.refuse(
          event.ticket(),
          Answer.Kind.UNKNOWN_ID,
          "cannot unschedule '" + event.id() + "': no schedule has that id");
    } else if (!event.operator() && !found.get().owner().equals(event.by())) {
      builder.refuse(
          event.ticket(),
          Answer.Kind.USER,
          "cannot unschedule '" + event.id() + "': owned by " + found.get().owner());
    } else {
      builder.change(new Change.ScheduleRemoved(event.id()));
      builder.reply(event.ticket(), new Answer.Noted("schedule '" + event.id() + "' removed"));
    }
  }

  private Optional<Schedule> find(String id) {
    return builder.state().schedules().stream()
        .filter(schedule -> schedule.id().equals(id))
        .findFirst();
  }
}
