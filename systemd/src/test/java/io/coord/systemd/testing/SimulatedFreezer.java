package io.coord.systemd.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The freezer of a simulated unit: whether its processes are frozen, and for how long in total. */
final class SimulatedFreezer {
  private final List<Runnable> waiting = new ArrayList<>();
  private Duration earlier = Duration.ZERO;
  private @Nullable Instant since;

  boolean isFrozen() {
    return since != null;
  }

  void freeze(Instant now) {
    if (since == null) {
      since = now;
    }
  }

  /** Thaws; what waited for the thaw runs immediately, in order. */
  void thaw(Instant now) {
    earlier = total(now);
    since = null;
    List<Runnable> due = List.copyOf(waiting);
    waiting.clear();
    due.forEach(Runnable::run);
  }

  /** Thaws without running what waited for it, as the process has ended. */
  void reset(Instant now) {
    waiting.clear();
    thaw(now);
  }

  /** How long they were frozen in total. */
  Duration total(Instant now) {
    return since == null ? earlier : earlier.plus(Duration.between(since, now));
  }

  void whenThawed(Runnable event) {
    waiting.add(event);
  }
}
