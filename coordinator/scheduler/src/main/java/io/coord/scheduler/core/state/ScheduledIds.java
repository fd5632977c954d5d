package io.coord.scheduler.core.state;

import io.coord.persistence.Schedule;
import java.util.Locale;

/** The ids of the experiments that schedules enqueue. */
public final class ScheduledIds {
  private ScheduledIds() {}

  /** The id of a schedule's experiment. */
  public static String idOf(Schedule schedule, int number) {
    return String.format(Locale.ROOT, "%s-%04d", schedule.id(), number);
  }

  /** The next number of a schedule; numbers are skipped if a user has taken the id already. */
  public static int nextNumber(State state, Schedule schedule) {
    int number = schedule.nextNumber();
    while (state.find(idOf(schedule, number)).isPresent()) {
      number++;
    }
    return number;
  }
}
