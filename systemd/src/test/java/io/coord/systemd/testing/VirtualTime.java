package io.coord.systemd.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The virtual time of a simulated machine, and the events due in it.
 *
 * <p>Events run in {@link #advanceTo} only, in an order that depends on nothing but the calls made.
 */
final class VirtualTime {
  private final TreeMap<Due, Runnable> events = new TreeMap<>();
  private Instant now;
  private Instant bootedAt;
  private int boot = 1;
  private long sequence;

  private record Due(Instant at, long sequence) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  VirtualTime(Instant start) {
    this.now = start;
    this.bootedAt = start;
  }

  Instant now() {
    return now;
  }

  /** The time of the next event; empty if there is none. */
  Optional<Instant> nextEvent() {
    return events.isEmpty() ? Optional.empty() : Optional.of(events.firstKey().at());
  }

  /** Runs all events that are due until then, and also those that they add. */
  void advanceTo(Instant then) {
    if (then.isBefore(now)) {
      throw new IllegalArgumentException("time goes back from " + now + " to " + then);
    }
    while (!events.isEmpty() && !events.firstKey().at().isAfter(then)) {
      Map.Entry<Due, Runnable> next = events.pollFirstEntry();
      now = next.getKey().at();
      next.getValue().run();
    }
    now = then;
  }

  /** Adds an event that is due now, after all others that are. */
  void soon(Runnable event) {
    after(Duration.ZERO, event);
  }

  void after(Duration delay, Runnable event) {
    events.put(new Due(now.plus(delay), sequence++), event);
  }

  /** The machine boots: what was due in the boot before does not happen. */
  void reboot() {
    events.clear();
    bootedAt = now;
    boot++;
  }

  String bootId() {
    return String.format("%032x", boot);
  }

  /** The uptime at an instant of this boot. */
  Duration uptimeAt(Instant instant) {
    return Duration.between(bootedAt, instant);
  }
}
