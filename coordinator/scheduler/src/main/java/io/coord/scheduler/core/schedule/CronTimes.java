package io.coord.scheduler.core.schedule;

import java.time.Instant;
import java.util.Optional;

/** Knows when a cron expression fires. The same question always has the same answer. */
public interface CronTimes {
  /** The first time after an instant; empty if it never fires again or is no cron expression. */
  Optional<Instant> next(String cron, Instant after);
}
