package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.Schedule;
import io.coord.scheduler.core.state.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What schedules may do, told from what the ledger was made to store. */
final class ScheduleInvariants {
  /** A clock that is further behind was wrong before, and times are counted from the present. */
  private static final Duration SET_BACK = Duration.ofDays(1);

  /** Two readings of the zones, and what the loop has to do besides. */
  private static final Duration LATE = Duration.ofSeconds(20);

  private final TreeMap<String, Schedule> schedules = new TreeMap<>();
  private final TreeSet<String> fired = new TreeSet<>();

  /** When "every N" fires, N in seconds: at each multiple of it. */
  static Optional<Instant> next(String cron, Instant after) {
    long period = Long.parseLong(cron.substring("every ".length()));
    long number = Math.floorDiv(after.getEpochSecond(), period) + 1;
    return Optional.of(Instant.ofEpochSecond(number * period));
  }

  /** The ids of those that there are. */
  Set<String> ids() {
    return schedules.keySet();
  }

  /**
   * These changes were stored, all at once.
   *
   * @return the experiments among them that schedules have enqueued
   */
  List<Experiment> stored(List<Change> changes, Timestamps now) {
    TreeMap<String, Experiment> enqueued = new TreeMap<>();
    TreeSet<String> due = new TreeSet<>();
    for (Change change : changes) {
      if (change instanceof Change.Enqueued one) {
        enqueued.put(one.experiment().id(), one.experiment());
      } else if (change instanceof Change.ScheduleSet set) {
        set(set.schedule(), now);
      } else if (change instanceof Change.ScheduleRemoved removed) {
        schedules.remove(removed.id());
      } else if (change instanceof Change.ScheduleFired firing) {
        due.add(fire(firing, now));
      }
    }
    assertThat(enqueued.keySet()).as("enqueued by " + changes).containsAll(due);
    enqueued.keySet().retainAll(due);
    return List.copyOf(enqueued.values());
  }

  private void set(Schedule schedule, Timestamps now) {
    Schedule before = schedules.put(schedule.id(), schedule);
    if (before != null && schedule.refusal().isPresent()) {
      assertThat(next(before.cron(), before.lastFireAt().orElseThrow()).orElseThrow())
          .as("refused with no time due: " + before)
          .isBeforeOrEqualTo(now.wall());
      assertThat(schedule.nextNumber()).isEqualTo(before.nextNumber());
    } else if (before != null) {
      assertThat(now.wall())
          .as("scheduled a second time: " + before)
          .isBefore(before.lastFireAt().orElseThrow().minus(SET_BACK));
      assertThat(schedule.nextNumber()).isGreaterThanOrEqualTo(before.nextNumber());
    }
  }

  private String fire(Change.ScheduleFired firing, Timestamps now) {
    Schedule schedule =
        Optional.ofNullable(schedules.get(firing.id()))
            .orElseThrow(() -> new AssertionError("fires though it is gone: " + firing));
    assertThat(next(schedule.cron(), schedule.lastFireAt().orElseThrow()).orElseThrow())
        .as("fires with no time due: " + firing + ", " + schedule)
        .isBeforeOrEqualTo(now.wall());
    schedules.put(schedule.id(), schedule.after(firing));
    String id = String.format(Locale.ROOT, "%s-%04d", firing.id(), firing.number());
    assertThat(fired.add(id)).as("number used twice: " + id).isTrue();
    return id;
  }

  /** None has a time due that it has not made up for; to be asked once all was calm for a while. */
  void checkNoneIsLate(Timestamps now) {
    for (Schedule schedule : schedules.values()) {
      assertThat(next(schedule.cron(), schedule.lastFireAt().orElseThrow()).orElseThrow())
          .as("is late: " + schedule)
          .isAfter(now.wall().minus(LATE));
    }
  }
}
