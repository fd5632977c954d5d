package io.coord.systemd.dbus;

import io.coord.systemd.UnitPattern;
import io.coord.systemd.UnitWatcher;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Delivers changes of units and of the connection to watchers, in order, on one daemon thread.
 *
 * <p>Safe for use by several threads.
 */
final class Watchers {
  private final ExecutorService delivery =
      Executors.newSingleThreadExecutor(work -> daemonThread(work, "systemd-events"));

  private final List<Watch> watches = new CopyOnWriteArrayList<>();

  /** Units with an undelivered change. Guarded by itself. */
  private final Set<String> changed = new LinkedHashSet<>();

  /** For the delivery thread. */
  private final ChangePace pace = new ChangePace(ChangePace.BURST, ChangePace.INTERVAL);

  /** Units whose change is delivered later. Guarded by {@link #changed}. */
  private final Set<String> delayed = new HashSet<>();

  private volatile boolean closed;

  private record Watch(UnitPattern pattern, UnitWatcher watcher) {}

  void add(UnitPattern pattern, UnitWatcher watcher) {
    watches.add(new Watch(pattern, watcher));
  }

  /** Whether somebody wants to know of this unit. */
  boolean isWatched(String unit) {
    return watches.stream().anyMatch(watch -> watch.pattern().matches(unit));
  }

  /**
   * Reports a status text, on the thread that received it: so it is known before the change of the
   * unit is delivered, and none waits in memory.
   */
  void statusChanged(String unit, String invocation, String statusText) {
    for (Watch watch : watches) {
      if (watch.pattern().matches(unit)) {
        watch.watcher().statusChanged(unit, invocation, statusText);
      }
    }
  }

  /**
   * Reports that a unit changed; several changes before the delivery are reported once, and so are
   * those of a unit that changes very often.
   */
  void unitChanged(String unit) {
    if (!isWatched(unit)) {
      return;
    }
    synchronized (changed) {
      if (delayed.contains(unit) || !changed.add(unit) || changed.size() > 1) {
        return;
      }
    }
    deliver(this::deliverChanges);
  }

  private void delay(String unit, long nanos) {
    synchronized (changed) {
      delayed.add(unit);
    }
    CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, delivery)
        .execute(() -> delayIsOver(unit));
  }

  private void delayIsOver(String unit) {
    synchronized (changed) {
      delayed.remove(unit);
    }
    unitChanged(unit);
  }

  private void deliverChanges() {
    List<String> units;
    synchronized (changed) {
      units = List.copyOf(changed);
      changed.clear();
    }
    for (String unit : units) {
      long wait = pace.nanosToWait(unit, System.nanoTime());
      if (wait > 0) {
        delay(unit, wait);
        continue;
      }
      for (Watch watch : watches) {
        if (watch.pattern().matches(unit)) {
          watch.watcher().unitChanged(unit);
        }
      }
    }
  }

  void connectionLost(String why) {
    toAll(watcher -> watcher.connectionLost(why));
  }

  void connectionBack() {
    toAll(UnitWatcher::connectionBack);
  }

  private void toAll(Consumer<UnitWatcher> event) {
    deliver(() -> watches.forEach(watch -> event.accept(watch.watcher())));
  }

  /** Runs something on the delivery thread, after everything delivered before. */
  void deliver(Runnable delivered) {
    try {
      delivery.execute(delivered);
    } catch (RejectedExecutionException e) {
      if (!closed) {
        throw e;
      }
    }
  }

  /** Delivers what is queued, so that waiting futures end, and accepts nothing more. */
  void close() {
    closed = true;
    delivery.shutdown();
  }

  static Thread daemonThread(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }
}
