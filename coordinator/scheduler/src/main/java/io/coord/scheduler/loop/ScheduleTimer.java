package io.coord.scheduler.loop;

import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * When the loop must look at the schedules: at the time of the first one, and now and then because
 * the wall clock may have been set, of which nothing tells. For the loop's thread.
 */
final class ScheduleTimer {
  private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

  /** After a look that could not be stored. */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  private final State state;
  private final Decider decider;
  private long version = -1;
  private long lookedAtVersion = -1;
  private Duration lookedAt = Duration.ZERO;
  private boolean wasDue;
  private Optional<Instant> due = Optional.empty();

  ScheduleTimer(State state, Decider decider) {
    this.state = state;
    this.decider = decider;
  }

  /** How long the loop may wait until the next look; empty if there are no schedules. */
  Optional<Duration> pause(Supplier<Timestamps> clock) {
    if (state.schedules().isEmpty()) {
      return Optional.empty();
    }
    Timestamps now = clock.get();
    if (version != state.schedulesVersion()) {
      version = state.schedulesVersion();
      due = decider.schedulesDueAt(state);
    }
    Duration sinceLook = now.uptime().minus(lookedAt);
    Duration untilLook = LOOK_EVERY.minus(sinceLook);
    Duration untilDue = due.map(at -> Duration.between(now.wall(), at)).orElse(untilLook);
    Duration pause = untilDue.compareTo(untilLook) < 0 ? untilDue : untilLook;
    if (wasDue && lookedAtVersion == version) {
      // A look changes what is due; this one could not, and the next one must not follow at once.
      pause = RETRY_AFTER.minus(sinceLook);
    }
    return Optional.of(pause.isNegative() ? Duration.ZERO : pause);
  }

  /** The schedules are looked at now. */
  void looks(Timestamps now) {
    lookedAt = now.uptime();
    lookedAtVersion = state.schedulesVersion();
    wasDue = due.filter(at -> !at.isAfter(now.wall())).isPresent();
  }
}
