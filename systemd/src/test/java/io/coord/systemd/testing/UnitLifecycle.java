package io.coord.systemd.testing;

import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.JobResult;
import io.coord.systemd.UnitStatus.MainProcess;
import io.coord.systemd.testing.SimulatedServiceManager.Misbehaviour;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The loaded units of a simulated service manager, from loading through their runs to unloading.
 */
final class UnitLifecycle {
  /** From a call until systemd has acted on it; measured as 2 to 4 ms. */
  static final Duration LATENCY = Duration.ofMillis(2);

  /** From SIGTERM until a process that obeys it has ended. */
  private static final Duration TERMINATION = Duration.ofMillis(20);

  private static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";

  private final SimulatedUnits world;
  private final VirtualTime time;
  private final SimulatedSlices slices;
  private final SimulatedClient client;
  private final TreeMap<String, SimulatedUnit> loaded = new TreeMap<>();
  private final TreeMap<String, Integer> runs = new TreeMap<>();
  private final TreeMap<String, Integer> maxProcesses = new TreeMap<>();
  private final TreeSet<String> activeSlices = new TreeSet<>();
  private final EnumSet<Misbehaviour> misbehaviours = EnumSet.noneOf(Misbehaviour.class);
  private long invocations;

  UnitLifecycle(
      SimulatedUnits world, VirtualTime time, SimulatedSlices slices, SimulatedClient client) {
    this.world = world;
    this.time = time;
    this.slices = slices;
    this.client = client;
  }

  void misbehave(Misbehaviour how) {
    misbehaviours.add(how);
  }

  boolean does(Misbehaviour how) {
    return misbehaviours.contains(how);
  }

  // Loading and unloading

  @Nullable SimulatedUnit get(String name) {
    return loaded.get(name);
  }

  Collection<SimulatedUnit> all() {
    return List.copyOf(loaded.values());
  }

  Stream<SimulatedUnit> inSlice(String slice) {
    return all().stream().filter(unit -> world.slice(unit.name).equals(slice));
  }

  boolean isLoaded(SimulatedUnit unit) {
    return loaded.get(unit.name) == unit;
  }

  SimulatedUnit load(String name, String verb) {
    SimulatedUnit present = loaded.get(name);
    if (present != null) {
      return present;
    }
    if (!world.exists(name)) {
      throw SimulatedClient.failure(name, verb, NO_SUCH_UNIT, "Unit " + name + " not found.");
    }
    SimulatedUnit unit = new SimulatedUnit(name, world.settings(name), world.filesVersion(name));
    loaded.put(name, unit);
    return unit;
  }

  /**
   * Whether the files of a loaded unit have changed: until a reload, it has what it was loaded
   * with.
   */
  boolean needsReload(SimulatedUnit unit) {
    return unit.filesVersion != world.filesVersion(unit.name);
  }

  void reload() {
    for (SimulatedUnit unit : all()) {
      unit.settings = world.settings(unit.name);
      unit.filesVersion = world.filesVersion(unit.name);
    }
  }

  /** Unloads a unit that ended well, has nothing queued and is not held. */
  void collect(SimulatedUnit unit) {
    if (unit.active == ActiveState.INACTIVE
        && unit.startJobs.isEmpty()
        && !client.holds(unit.name)) {
      loaded.remove(unit.name, unit);
      client.unitChanged(unit.name);
    }
  }

  void collectAll() {
    all().forEach(this::collect);
  }

  /** All units are gone, with their processes. */
  void clear() {
    loaded.clear();
    activeSlices.clear();
  }

  // Plans

  /** Plans something for a unit, unless its plans are cancelled before. */
  void plan(SimulatedUnit unit, Duration delay, Runnable event) {
    time.after(delay, ifStillPlanned(unit, event));
  }

  private Runnable ifStillPlanned(SimulatedUnit unit, Runnable event) {
    int plan = unit.plan;
    return () -> {
      if (isLoaded(unit) && unit.plan == plan) {
        event.run();
      }
    };
  }

  /** Plans what the process itself does: its time stands still while it is frozen. */
  private void planInProcess(SimulatedUnit unit, Duration delay, Runnable event) {
    Instant due = time.now().plus(delay);
    Duration frozenBefore = unit.freezer.total(time.now());
    plan(
        unit,
        delay,
        () -> {
          if (unit.freezer.isFrozen()) {
            unit.freezer.whenThawed(
                ifStillPlanned(
                    unit,
                    () -> {
                      Duration missed = unit.freezer.total(time.now()).minus(frozenBefore);
                      Duration rest = Duration.between(time.now(), due).plus(missed);
                      planInProcess(unit, rest, event);
                    }));
            return;
          }
          Duration missed = unit.freezer.total(time.now()).minus(frozenBefore);
          if (missed.isZero()) {
            event.run();
          } else {
            planInProcess(unit, missed, event);
          }
        });
  }

  // Starting

  /** Starts a unit, as for a start job or a restart. */
  void begin(SimulatedUnit unit) {
    if (misbehaviours.remove(Misbehaviour.LOSES_A_START)) {
      unit.cancelPlans();
      client.answerAll(unit.startJobs, JobResult.DONE);
      client.unitChanged(unit.name);
      return;
    }
    if (!unit.countStart(time.now())) {
      unit.cancelPlans();
      // As seen on systemd 252: the result of the last run stays, if it was no success.
      unit.result = unit.result.equals("success") ? "start-limit-hit" : unit.result;
      unit.state(ActiveState.FAILED, "failed");
      client.answerAll(unit.startJobs, JobResult.FAILED);
      client.unitChanged(unit.name);
      return;
    }
    unit.cancelPlans();
    unit.beginActivation(newInvocation());
    Duration rest = backoffBeyond(unit.restartDelay(), unit);
    if (rest.isZero()) {
      execute(unit);
      return;
    }
    unit.state(ActiveState.ACTIVATING, "start-pre");
    client.unitChanged(unit.name);
    plan(unit, rest, () -> execute(unit));
  }

  private String newInvocation() {
    return String.format("%032x", ++invocations);
  }

  private Duration backoffBeyond(Duration waited, SimulatedUnit unit) {
    ServiceSettings.Restarts restarts = unit.settings.restarts();
    Duration whole =
        restarts
            .backoff()
            .map(backoff -> backoff.delay(restarts.delay(), world.crashCount(unit.name)))
            .orElse(Duration.ZERO);
    return whole.compareTo(waited) > 0 ? whole.minus(waited) : Duration.ZERO;
  }

  private void execute(SimulatedUnit unit) {
    unit.cancelPlans();
    if (slices.isFrozen(world.slice(unit.name))) {
      awaitThaw(unit);
      return;
    }
    int number = runs.merge(unit.name, 1, Integer::sum);
    SimulatedRun run = world.run(unit.name, number);
    unit.run = run;
    unit.runBegan = time.now();
    if (run.end().orElse(null) instanceof SimulatedRun.NotExecutable) {
      client.answerAll(unit.startJobs, JobResult.FAILED);
      end(unit, "exit-code", 1, 203);
      return;
    }
    unit.processes++;
    activeSlices.add(world.slice(unit.name));
    maxProcesses.merge(unit.name, unit.processes, Math::max);
    unit.state(ActiveState.ACTIVE, "running");
    unit.activeSince = time.now();
    client.answerAll(unit.startJobs, JobResult.DONE);
    client.unitChanged(unit.name);
    world.started(unit.name, number, unit.invocation);
    if (misbehaviours.remove(Misbehaviour.STARTS_TWICE)) {
      unit.processes++;
      maxProcesses.merge(unit.name, unit.processes, Math::max);
      world.started(unit.name, runs.merge(unit.name, 1, Integer::sum), newInvocation());
    }
    for (SimulatedRun.Report report : run.reports()) {
      planInProcess(unit, report.after(), () -> report(unit, number, report.text()));
    }
    run.end().ifPresent(end -> planEnd(unit, end));
    unit.settings.runtimeMax().ifPresent(max -> plan(unit, max, () -> terminate(unit, "timeout")));
  }

  /** Its process is frozen before its first instruction, so it does not count yet. */
  private void awaitThaw(SimulatedUnit unit) {
    unit.freezer.freeze(time.now());
    unit.freezer.whenThawed(ifStillPlanned(unit, () -> execute(unit)));
    unit.state(ActiveState.ACTIVATING, "start");
    client.unitChanged(unit.name);
  }

  private void report(SimulatedUnit unit, int number, String text) {
    unit.statusText = text;
    world.reported(unit.name, number, text);
    client.statusChanged(unit.name, unit.invocation, text);
    client.unitChanged(unit.name);
  }

  // Freezing

  boolean isActive(String slice) {
    return activeSlices.contains(slice);
  }

  void freeze(String slice) {
    inSlice(slice)
        .filter(unit -> unit.processes > 0 && !unit.freezer.isFrozen())
        .forEach(this::freeze);
  }

  /** Its processes stand still but its watchdog does not; it acts at the thaw. */
  private void freeze(SimulatedUnit unit) {
    Duration frozenBefore = unit.freezer.total(time.now());
    unit.freezer.freeze(time.now());
    int plan = unit.plan;
    unit.settings
        .watchdog()
        .ifPresent(
            timeout ->
                unit.freezer.whenThawed(
                    () -> {
                      Duration missed = unit.freezer.total(time.now()).minus(frozenBefore);
                      if (unit.plan == plan && missed.compareTo(timeout) >= 0) {
                        end(unit, new SimulatedRun.Watchdog(timeout));
                      }
                    }));
  }

  void thaw(String slice) {
    inSlice(slice).forEach(unit -> unit.freezer.thaw(time.now()));
  }

  // Ending

  private void planEnd(SimulatedUnit unit, SimulatedRun.End end) {
    if (!(end instanceof SimulatedRun.Silent silent)) {
      planInProcess(unit, end.after(), () -> end(unit, end));
      return;
    }
    unit.settings
        .watchdog()
        .map(silent.after()::plus)
        .ifPresent(after -> plan(unit, after, () -> end(unit, new SimulatedRun.Watchdog(after))));
  }

  /**
   * Sends SIGTERM, and SIGKILL after the stop timeout.
   *
   * @param result why, in systemd's words
   */
  void terminate(SimulatedUnit unit, String result) {
    unit.cancelPlans();
    unit.result = result;
    unit.askedToEnd = unit.stopRequested;
    unit.state(ActiveState.DEACTIVATING, "stop-sigterm");
    client.unitChanged(unit.name);
    Duration delay = unit.ignoresStop() ? unit.settings.stopTimeout() : TERMINATION;
    Duration late = does(Misbehaviour.KILLS_LATE) ? Duration.ofMinutes(10) : Duration.ZERO;
    plan(unit, delay.plus(late), () -> endTerminated(unit));
  }

  private void endTerminated(SimulatedUnit unit) {
    if (unit.ignoresStop()) {
      end(unit, "timeout", 2, SimulatedSignals.KILL);
    } else {
      end(unit, "success", 2, SimulatedSignals.TERM);
    }
  }

  /** Ends a unit that has a process immediately, as if its stop were over. */
  void endStopped(SimulatedUnit unit) {
    unit.state(ActiveState.DEACTIVATING, "stop-sigterm");
    unit.stopRequested = true;
    unit.askedToEnd = true;
    endTerminated(unit);
  }

  /** A run ends. */
  void end(SimulatedUnit unit, SimulatedRun.End end) {
    if (end instanceof SimulatedRun.Exit exit) {
      boolean success = exit.code() == 0 || unit.settings.successCodes().contains(exit.code());
      end(unit, success ? "success" : "exit-code", 1, exit.code());
    } else if (end instanceof SimulatedRun.Signal signal) {
      boolean clean = SimulatedSignals.isCleanEnd(signal.number());
      end(unit, clean ? "success" : "signal", 2, signal.number());
    } else if (end instanceof SimulatedRun.OutOfMemory) {
      end(unit, "oom-kill", 2, SimulatedSignals.KILL);
    } else if (end instanceof SimulatedRun.Watchdog) {
      end(unit, "watchdog", 2, SimulatedSignals.ABRT);
    }
  }

  /**
   * @param exitCode ExecMainCode
   * @param exitStatus ExecMainStatus
   */
  private void end(SimulatedUnit unit, String result, int exitCode, int exitStatus) {
    unit.cancelPlans();
    unit.processes = 0;
    unit.freezer.reset(time.now());
    // The first failure stays the result.
    unit.result = unit.result.equals("success") ? result : unit.result;
    unit.mainProcess = new MainProcess(exitCode, exitStatus);
    leaveRecord(unit);
    boolean forced = exitCode != 1 && unit.settings.restartSignals().contains(exitStatus);
    boolean success = unit.result.equals("success");
    if (!unit.stopRequested && (forced || !success)) {
      unit.state(ActiveState.ACTIVATING, "auto-restart");
      plan(unit, unit.restartDelay(), () -> begin(unit));
    } else if (success) {
      unit.state(ActiveState.INACTIVE, "dead");
    } else {
      unit.state(ActiveState.FAILED, "failed");
    }
    client.answerAll(unit.stopJobs, JobResult.DONE);
    client.unitChanged(unit.name);
    collect(unit);
  }

  private void leaveRecord(SimulatedUnit unit) {
    ExitRecord exit = unit.exitRecord(time);
    ExitRecord left = exit;
    if (!exit.result().equals("success") && misbehaviours.remove(Misbehaviour.WRONG_RESULT)) {
      unit.result = "success";
      unit.mainProcess = new MainProcess(1, 0);
      left = new ExitRecordBuilder(exit).result("success").exit("exited", "0").build();
    }
    world.ended(unit.name, exit, left);
  }

  // Counts

  int maxProcesses(String unit) {
    return maxProcesses.getOrDefault(unit, 0);
  }

  int runs(String unit) {
    return runs.getOrDefault(unit, 0);
  }
}
