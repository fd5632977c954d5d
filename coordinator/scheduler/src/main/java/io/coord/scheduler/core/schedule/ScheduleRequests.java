package io.coord.scheduler.core.schedule;

import io.coord.persistence.Change;
import io.coord.persistence.Schedule;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
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
    Optional<Refusal> refusal = refusal(event, next);
    if (refusal.isPresent()) {
      builder.refuse(
          event.ticket(),
          refusal.get().code(),
          "cannot schedule '"
              + schedule.id()
              + "': "
              + refusal.get().message()
              + "; nothing was scheduled");
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
        new RequestOutcome.Acknowledged(
            "schedule '"
                + schedule.id()
                + "': first run at "
                + next.orElseThrow().atZone(times.zone()).toOffsetDateTime()
                + ", "
                + times.zone()));
  }

  private Optional<Refusal> refusal(Event.ScheduleAsked event, Optional<Instant> next) {
    if (find(event.schedule().id()).isPresent()) {
      return Optional.of(new Refusal(Refusal.Code.ID_TAKEN, "a schedule with that id exists"));
    }
    Optional<String> unknown =
        Enqueuer.unknownDependency(builder.state(), event.spec().ordering(), event.ended());
    if (unknown.isPresent()) {
      return unknown.map(why -> new Refusal(Refusal.Code.UNKNOWN_DEPENDENCY, why));
    }
    return next.isPresent()
        ? Optional.empty()
        : Optional.of(new Refusal(Refusal.Code.INVALID_REQUEST, whyNever(event.schedule().cron())));
  }

  private String whyNever(String cron) {
    return times
        .problem(cron)
        .map(problem -> "cron expression '" + cron + "': " + problem)
        .orElseGet(() -> "cron expression '" + cron + "' never fires");
  }

  /** Removes a schedule. */
  public void remove(Event.UnscheduleAsked event) {
    Optional<Schedule> found = find(event.id());
    if (found.isEmpty()) {
      builder.refuse(
          event.ticket(),
          Refusal.Code.UNKNOWN_ID,
          "cannot unschedule '" + event.id() + "': no schedule has that id");
    } else if (!event.operator() && !found.get().owner().equals(event.by())) {
      builder.refuse(
          event.ticket(),
          Refusal.Code.NOT_PERMITTED,
          "cannot unschedule '" + event.id() + "': owned by " + found.get().owner());
    } else {
      builder.change(new Change.ScheduleRemoved(event.id()));
      builder.reply(
          event.ticket(), new RequestOutcome.Acknowledged("schedule '" + event.id() + "' removed"));
    }
  }

  private Optional<Schedule> find(String id) {
    return builder.state().schedules().stream()
        .filter(schedule -> schedule.id().equals(id))
        .findFirst();
  }
}
