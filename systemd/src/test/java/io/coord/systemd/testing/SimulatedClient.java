package io.coord.systemd.testing;

import io.coord.systemd.JobResult;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitPattern;
import io.coord.systemd.UnitWatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one client of a simulated service manager: its calls and how they fail, the jobs that it
 * waits for, the units that it holds, and its watchers.
 */
final class SimulatedClient {
  private final VirtualTime time;
  private final TreeSet<String> held = new TreeSet<>();
  private final List<Watch> watches = new ArrayList<>();
  private final List<SimulatedJob> unanswered = new ArrayList<>();
  private boolean connected = true;
  private boolean open = true;
  private boolean signalsLost;
  private int calls;
  private SimulatedServiceManager.@Nullable CallFault nextFault;

  private record Watch(UnitPattern pattern, UnitWatcher watcher) {}

  SimulatedClient(VirtualTime time) {
    this.time = time;
  }

  // Calls

  /** Counts a call, fails it if it has to, or carries it out. */
  void call(String subject, String verb, Runnable effect) {
    calls++;
    SimulatedServiceManager.CallFault fault = nextFault;
    nextFault = null;
    if (!open || !connected) {
      throw failure(subject, verb, "disconnected", "no connection to the service manager");
    }
    if (fault == SimulatedServiceManager.CallFault.REFUSED) {
      throw failure(
          subject, verb, "org.freedesktop.DBus.Error.LimitsExceeded", "refused by a test");
    }
    effect.run();
    if (fault == SimulatedServiceManager.CallFault.ANSWER_LOST) {
      throw failure(subject, verb, "timeout", "no answer within 25 s; it may still happen");
    }
  }

  /** Makes a call that queues a job. */
  CompletableFuture<JobResult> queue(String unit, String verb, Consumer<SimulatedJob> queue) {
    SimulatedJob job = new SimulatedJob();
    try {
      call(
          unit,
          verb,
          () -> {
            queue.accept(job);
            unanswered.add(job);
          });
    } catch (SystemdException e) {
      // Nobody waits for the end of the job any more.
      unanswered.remove(job);
      job.result.completeExceptionally(e);
    }
    return job.result;
  }

  void answerAll(List<SimulatedJob> jobs, JobResult result) {
    List<SimulatedJob> ending = List.copyOf(jobs);
    jobs.clear();
    ending.forEach(job -> answer(job, result));
  }

  void answer(SimulatedJob job, JobResult result) {
    time.soon(
        () -> {
          // A client that has closed or lost its connection gets no answer.
          if (unanswered.remove(job)) {
            job.result.complete(result);
          }
        });
  }

  static SystemdException failure(String subject, String verb, String errorName, String why) {
    return new SystemdException(
        subject, errorName, "cannot " + verb + " unit '" + subject + "': " + why, null);
  }

  int calls() {
    return calls;
  }

  void failNextCall(SimulatedServiceManager.CallFault fault) {
    nextFault = fault;
  }

  // References

  void hold(String unit) {
    held.add(unit);
  }

  void release(String unit) {
    held.remove(unit);
  }

  boolean holds(String unit) {
    return connected && held.contains(unit);
  }

  List<String> held() {
    return List.copyOf(held);
  }

  // Watchers

  void watch(UnitPattern pattern, UnitWatcher watcher) {
    watches.add(new Watch(pattern, watcher));
  }

  void unitChanged(String unit) {
    if (signalsLost || !connected) {
      return;
    }
    for (Watch watch : watches) {
      if (watch.pattern().matches(unit)) {
        time.soon(() -> deliver(watch, watcher -> watcher.unitChanged(unit)));
      }
    }
  }

  void statusChanged(String unit, String invocation, String text) {
    if (signalsLost || !connected) {
      return;
    }
    for (Watch watch : watches) {
      if (watch.pattern().matches(unit)) {
        time.soon(() -> deliver(watch, watcher -> watcher.statusChanged(unit, invocation, text)));
      }
    }
  }

  private void toAll(Consumer<UnitWatcher> event) {
    watches.forEach(watch -> time.soon(() -> deliver(watch, event)));
  }

  private void deliver(Watch watch, Consumer<UnitWatcher> event) {
    if (watches.contains(watch)) {
      event.accept(watch.watcher());
    }
  }

  void loseSignals(boolean lost) {
    signalsLost = lost;
  }

  // The connection

  boolean isConnected() {
    return connected;
  }

  /** Fails all jobs and reports the loss. */
  void disconnect(String why) {
    connected = false;
    List<SimulatedJob> failing = List.copyOf(unanswered);
    unanswered.clear();
    SystemdException failure = failure("service manager", "hear from", "disconnected", why);
    time.soon(() -> failing.forEach(job -> job.result.completeExceptionally(failure)));
    toAll(watcher -> watcher.connectionLost(why));
  }

  /**
   * @param restoreHolds loads again what the client held
   */
  void reconnect(Runnable restoreHolds) {
    connected = true;
    restoreHolds.run();
    toAll(UnitWatcher::connectionBack);
  }

  /**
   * @param collect unloads what only this client held
   */
  void close(Runnable collect) {
    open = false;
    held.clear();
    collect.run();
    watches.clear();
    unanswered.clear();
  }

  void reopen() {
    open = true;
    connected = true;
    signalsLost = false;
    nextFault = null;
  }
}
