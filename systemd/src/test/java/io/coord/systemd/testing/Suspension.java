package io.coord.systemd.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether the processes of a simulated unit stand still, and for how long they have in all. */
final class Suspension {
  private final List<Runnable> waiting = new ArrayList<>();
  private Duration before = Duration.ZERO;
  private @Nullable Instant since;

  boolean isFrozen() {
    return since != null;
  }

  void freeze(Instant now) {
    if (since == null) {
      since = now;
    }
  }

  /** Ends the suspension; what waited for it happens at once, in its order. */
  void thaw(Instant now) {
    before = stoodStill(now);
    since = null;
    List<Runnable> due = List.copyOf(waiting);
    waiting.clear();
    due.forEach(Runnable::run);
  }

  /** Forgets what waits, as its process is gone. */
  void end(Instant now) {
    waiting.clear();
    thaw(now);
  }

  Duration stoodStill(Instant now) {
    return since == null ? before : before.plus(Duration.between(since, now));
  }

  void whenThawed(Runnable event) {
    waiting.add(event);
  }
}
