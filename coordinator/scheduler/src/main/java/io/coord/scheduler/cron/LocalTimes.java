package io.coord.scheduler.cron;

import java.time.LocalDateTime;
import java.util.Optional;

/** The times that a cron expression names, on a calendar without a zone. Threads may share it. */
public interface LocalTimes {

  /** The first time after another; empty if there is none. */
  Optional<LocalDateTime> next(LocalDateTime after);

  /**
   * Whether each hour of its days has a time. Such times are an interval rather than times of the
   * day: what matters is how long the pause is.
   */
  boolean inEachHour();
}
