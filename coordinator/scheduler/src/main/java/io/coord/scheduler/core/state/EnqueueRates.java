package io.coord.scheduler.core.state;

import java.time.Duration;
import java.util.TreeMap;

/**
 * How many experiments each user has enqueued in the present minute. Not stored. For one thread.
 */
final class EnqueueRates {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private record Minute(Duration since, int enqueued) {
    boolean isOver(Duration uptime) {
      return uptime.minus(since).compareTo(MINUTE) >= 0;
    }
  }

  private final TreeMap<String, Minute> minutes = new TreeMap<>();

  void enqueued(String owner, Duration uptime) {
    minutes.values().removeIf(minute -> minute.isOver(uptime));
    Minute before = minutes.getOrDefault(owner, new Minute(uptime, 0));
    minutes.put(owner, new Minute(before.since(), before.enqueued() + 1));
  }

  /** How many a user has enqueued in the minute in which this uptime is. */
  int of(String owner, Duration uptime) {
    Minute minute = minutes.get(owner);
    return minute == null || minute.isOver(uptime) ? 0 : minute.enqueued();
  }
}
