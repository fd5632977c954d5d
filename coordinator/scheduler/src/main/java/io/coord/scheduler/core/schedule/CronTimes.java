package io.coord.scheduler.core.schedule;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/** Knows when a cron expression fires. The same question always has the same answer. */
public interface CronTimes {
  /** The first time after an instant; empty if it never fires again or cannot be read. */
  Optional<Instant> next(String cron, Instant after);

  /** Why an expression cannot be read; empty if it can be. */
  default Optional<String> problem(String cron) {
    return Optional.empty();
  }

  /** The zone of its local times. */
  default ZoneId zone() {
    return ZoneOffset.UTC;
  }
}
