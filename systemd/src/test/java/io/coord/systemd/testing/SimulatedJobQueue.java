package io.coord.systemd.testing;

import io.coord.systemd.ActiveState;
import io.coord.systemd.JobResult;
import java.time.Duration;
import java.util.TreeMap;

/** Start and stop jobs of a simulated service manager, for services and targets. */
final class SimulatedJobQueue {
  private static final String DESTRUCTIVE = "org.freedesktop.systemd1.TransactionIsDestructive";

  private final UnitLifecycle lifecycle;
  private final VirtualTime time;
  private final SimulatedClient client;
  private final SimulatedSlices slices;
  private final SimulatedUnits world;

  /** Whether a target is active; those that have gone down since stay, as inactive. */
  private final TreeMap<String, Boolean> targets = new TreeMap<>();

  private Duration startLatency = UnitLifecycle.LATENCY;
  private boolean shuttingDown;

  SimulatedJobQueue(
      UnitLifecycle lifecycle,
      VirtualTime time,
      SimulatedClient client,
      SimulatedSlices slices,
      SimulatedUnits world) {
    this.lifecycle = lifecycle;
    this.time = time;
    this.client = client;
    this.slices = slices;
    this.world = world;
  }

  void start(String unit, SimulatedJob job) {
    if (isTarget(unit)) {
      targets.put(unit, true);
      client.answer(job, JobResult.DONE);
    } else {
      startService(unit, job);
    }
  }

  void stop(String unit, SimulatedJob job) {
    if (isTarget(unit)) {
      targets.replace(unit, false);
      // Every service is part of every target.
      lifecycle.all().forEach(service -> stopService(service.name, new SimulatedJob()));
      client.answer(job, JobResult.DONE);
    } else {
      stopService(unit, job);
    }
  }

  private static boolean isTarget(String unit) {
    return unit.endsWith(".target");
  }

  private void startService(String name, SimulatedJob job) {
    if (shuttingDown) {
      throw SimulatedClient.failure(name, "start", DESTRUCTIVE, "the manager is shutting down");
    }
    SimulatedUnit unit = lifecycle.load(name, "start");
    if (!unit.stopJobs.isEmpty()) {
      throw SimulatedClient.failure(name, "start", DESTRUCTIVE, "a stop job is queued for it");
    }
    if (unit.active == ActiveState.ACTIVE) {
      client.answer(job, JobResult.DONE);
      return;
    }
    unit.startJobs.add(job);
    if (unit.isDown() && unit.startJobs.size() == 1) {
      lifecycle.plan(unit, startLatency, () -> lifecycle.begin(unit));
    }
  }

  private void stopService(String name, SimulatedJob job) {
    SimulatedUnit unit = lifecycle.get(name);
    if (unit == null) {
      client.answer(job, JobResult.DONE);
      return;
    }
    client.answerAll(unit.startJobs, JobResult.CANCELED);
    if (unit.freezer.isFrozen()) {
      slices.stoppedWithin(world.slice(name));
    }
    if (unit.processes == 0) {
      stopWithoutProcess(unit, job);
      return;
    }
    unit.stopJobs.add(job);
    unit.stopRequested = true;
    unit.freezer.thaw(time.now());
    if (unit.active != ActiveState.DEACTIVATING) {
      lifecycle.terminate(unit, "success");
    }
  }

  private void stopWithoutProcess(SimulatedUnit unit, SimulatedJob job) {
    unit.cancelPlans();
    unit.freezer.reset(time.now());
    if (!unit.isDown()) {
      unit.state(ActiveState.INACTIVE, "dead");
      client.unitChanged(unit.name);
    }
    client.answer(job, JobResult.DONE);
    lifecycle.collect(unit);
  }

  /** Stops all units, and starts none from now on. */
  void beginShutdown() {
    shuttingDown = true;
    for (SimulatedUnit unit : lifecycle.all()) {
      unit.startJobs.clear();
      unit.stopRequested = true;
      if (unit.processes == 0) {
        unit.cancelPlans();
      } else if (unit.active != ActiveState.DEACTIVATING) {
        lifecycle.terminate(unit, "success");
      }
    }
  }

  void booted() {
    shuttingDown = false;
  }

  boolean isShuttingDown() {
    return shuttingDown;
  }

  boolean hasGoneDown(String target) {
    return Boolean.FALSE.equals(targets.get(target));
  }

  /** A next client has not seen any target go down. */
  void forgetTargetsDown() {
    targets.values().removeIf(active -> !active);
  }

  void delayStarts(Duration delay) {
    startLatency = UnitLifecycle.LATENCY.plus(delay);
  }
}
