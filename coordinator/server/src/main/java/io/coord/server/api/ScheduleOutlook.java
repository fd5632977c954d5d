package io.coord.server.api;

import io.coord.persistence.Schedule;
import io.coord.scheduler.core.schedule.CronTimes;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A schedule and its next times.
 *
 * @param zone the zone of its times
 * @param next its next times, as clocks show them then; fewer than {@value #TIMES} if it ends
 * @param problem why it never fires, in words; empty if it does
 */
public record ScheduleOutlook(
    Schedule schedule, ZoneId zone, List<OffsetDateTime> next, Optional<String> problem) {

  /** How many times are told. */
  public static final int TIMES = 5;

  public ScheduleOutlook {
    next = List.copyOf(next);
  }

  static ScheduleOutlook of(Schedule schedule, CronTimes times, Instant now) {
    List<OffsetDateTime> next = new ArrayList<>();
    Optional<Instant> time = times.next(schedule.cron(), now);
    while (time.isPresent() && next.size() < TIMES) {
      next.add(time.get().atZone(times.zone()).toOffsetDateTime());
      time = times.next(schedule.cron(), time.get());
    }
    Optional<String> problem = times.problem(schedule.cron());
    return new ScheduleOutlook(
        schedule,
        times.zone(),
        next,
        problem.isEmpty() && next.isEmpty() ? Optional.of("never fires again") : problem);
  }
}
