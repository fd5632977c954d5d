package io.coord.systemd.testing;

import io.coord.systemd.ActiveState;
import io.coord.systemd.JobResult;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.UnitFacts;
import io.coord.systemd.UnitPattern;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.UnitWatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * A systemd of services that restart on failure, in virtual time.
 *
 * <p>Nothing happens by itself and nothing is delivered inside a call: units run, watchers are
 * called and futures complete only in {@link #advanceTo}, in an order that depends on nothing but
 * the calls made. Not safe for use by several threads.
 *
 * <p>Follows systemd 252 in what a supervisor can see: a unit that ended well is unloaded unless it
 * is held, a failed one stays until it is released; the start limit counts starts in a window that
 * opens with the first; a stop during the restart delay ends the unit; starting while a stop is
 * under way is refused; while the delay runs, a start job waits for the restart; what a backoff
 * adds to the delay is waited for in {@code start-pre}, under the next invocation.
 *
 * <p>Faults: starts that wait in the queue, a refused call, a call whose answer is lost, changes
 * that are not reported, a broken connection, a killed manager, a shutdown, a power cut. Not
 * simulated: dependencies, limits of anything but time, units of other types, and that a unit
 * killed in a frozen slice leaves no record before the thaw.
 */
public final class SimulatedServiceManager implements ServiceManager {

  /** How a call goes wrong. */
  public enum CallFault {
    /** It is refused, and nothing happens. */
    REFUSED,
    /** It happens, but the answer never arrives. */
    ANSWER_LOST
  }

  /** What a systemd never does; here it does, to show that a test would notice. */
  public enum Misbehaviour {
    /** The next start begins two processes. */
    STARTS_TWICE,
    /** The next start is answered as done, and nothing begins. */
    LOSES_A_START,
    /** Each stop takes ten minutes longer. */
    KILLS_LATE,
    /** No signal ends a process any more. */
    IGNORES_KILL,
    /** The next failure is recorded as a success. */
    WRONG_RESULT
  }

  private final SimulatedUnits world;
  private final VirtualTime time;
  private final SimulatedClient client;
  private final SimulatedSlices slices;
  private final UnitLifecycle lifecycle;
  private final SimulatedJobQueue jobs;
  private final SimulatedSignals signals;
  private boolean mayControl = true;
  private int reloads;

  public SimulatedServiceManager(Instant start, SimulatedUnits world) {
    this.world = world;
    this.time = new VirtualTime(start);
    this.client = new SimulatedClient(time);
    this.slices = new SimulatedSlices(new SlicesHost());
    this.lifecycle = new UnitLifecycle(world, time, slices, client);
    this.jobs = new SimulatedJobQueue(lifecycle, time, client, slices, world);
    this.signals = new SimulatedSignals(time, lifecycle);
  }

  private final class SlicesHost implements SimulatedSlices.Host {
    @Override
    public void call(String subject, String verb, Runnable effect) {
      client.call(subject, verb, effect);
    }

    @Override
    public boolean isActive(String slice) {
      return lifecycle.isActive(slice);
    }

    @Override
    public void freezeUnits(String slice) {
      lifecycle.freeze(slice);
    }

    @Override
    public void thawUnits(String slice) {
      lifecycle.thaw(slice);
    }
  }

  // --- Time

  /** The virtual time. */
  public Instant now() {
    return time.now();
  }

  /** When something happens next; empty if nothing will. */
  public Optional<Instant> nextEvent() {
    return time.nextEvent();
  }

  /**
   * Lets everything happen that is due until then, and also what follows from it until then.
   *
   * @throws IllegalArgumentException if that is in the past
   */
  public void advanceTo(Instant then) {
    time.advanceTo(then);
  }

  // --- The port

  @Override
  public CompletableFuture<JobResult> start(String unit) {
    return client.queue(unit, "start", job -> jobs.start(unit, job));
  }

  @Override
  public CompletableFuture<JobResult> stop(String unit) {
    return client.queue(unit, "stop", job -> jobs.stop(unit, job));
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException for signals that suspend a process
   */
  @Override
  public void kill(String name, int signal) {
    SimulatedSignals.check(signal);
    client.call(name, "kill", () -> signal(name, signal));
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException for signals that suspend a process
   */
  @Override
  public void killAll(String name, int signal) {
    SimulatedSignals.check(signal);
    client.call(
        name,
        "kill",
        () -> {
          if (name.endsWith(".slice")) {
            signals.send(lifecycle.inSlice(name), signal);
          } else {
            signal(name, signal);
          }
        });
  }

  @Override
  public void hold(String unit) {
    client.call(
        unit,
        "hold",
        () -> {
          lifecycle.load(unit, "hold");
          client.hold(unit);
        });
  }

  @Override
  public void release(String unit) {
    client.call(
        unit,
        "release",
        () -> {
          client.release(unit);
          SimulatedUnit loaded = lifecycle.get(unit);
          if (loaded == null) {
            return;
          }
          loaded.resetStartLimit();
          if (loaded.active == ActiveState.FAILED) {
            loaded.state(ActiveState.INACTIVE, "dead");
            loaded.result = "success";
            client.unitChanged(unit);
          }
          lifecycle.collect(loaded);
        });
  }

  @Override
  public void forgetStarts(String unit) {
    client.call(
        unit,
        "reset the start limit of",
        () -> Optional.ofNullable(lifecycle.get(unit)).ifPresent(SimulatedUnit::resetStartLimit));
  }

  @Override
  public Optional<UnitStatus> status(String unit) {
    List<UnitStatus> found = new ArrayList<>();
    client.call(
        unit,
        "read",
        () -> Optional.ofNullable(lifecycle.get(unit)).map(this::status).ifPresent(found::add));
    return found.stream().findFirst();
  }

  @Override
  public List<UnitStatus> units(String pattern) {
    UnitPattern matching = new UnitPattern(pattern);
    List<UnitStatus> found = new ArrayList<>();
    client.call(
        pattern,
        "list",
        () ->
            lifecycle.all().stream()
                .filter(unit -> matching.matches(unit.name))
                .map(this::status)
                .forEach(found::add));
    return List.copyOf(found);
  }

  private UnitStatus status(SimulatedUnit unit) {
    return unit.status(time, world.slice(unit.name), lifecycle.needsReload(unit));
  }

  @Override
  public UnitFacts facts(String unit) {
    List<UnitFacts> found = new ArrayList<>();
    client.call(unit, "read", () -> found.add(world.facts(unit)));
    return found.get(0);
  }

  @Override
  public void checkRights(String unit) {
    client.call(
        unit,
        "control",
        () -> {
          if (!mayControl) {
            throw SimulatedClient.failure(
                unit, "control", "org.freedesktop.DBus.Error.AccessDenied", "Permission denied");
          }
        });
  }

  @Override
  public SimulatedSlices slices() {
    return slices;
  }

  @Override
  public boolean isStopping() {
    boolean[] answer = new boolean[1];
    client.call("service manager", "read", () -> answer[0] = jobs.isShuttingDown());
    return answer[0];
  }

  /** Every unit is part of every target. */
  @Override
  public boolean isStopping(String target) {
    boolean[] answer = new boolean[1];
    client.call(target, "read", () -> answer[0] = jobs.hasGoneDown(target));
    return answer[0];
  }

  @Override
  public void reload() {
    client.call(
        "unit files",
        "reload",
        () -> {
          reloads++;
          lifecycle.reload();
        });
  }

  @Override
  public void watch(String pattern, UnitWatcher watcher) {
    client.watch(new UnitPattern(pattern), watcher);
  }

  /**
   * Ends the client's connection, as its death would: its holds and its watchers are gone, its
   * futures never complete. The units live on.
   */
  @Override
  public void close() {
    jobs.forgetTargetsDown();
    client.close(lifecycle::collectAll);
  }

  // --- Faults of calls and of the connection

  /** A new client connects to the same manager, after {@link #close} or a boot. */
  public void reopen() {
    client.reopen();
  }

  /** Sets whether the client may control units, for {@link #checkRights}; true at first. */
  public void setMayControl(boolean may) {
    mayControl = may;
  }

  /** Makes the next call go wrong. */
  public void failNextCall(CallFault how) {
    client.failNextCall(how);
  }

  /** Delays starts that are requested from now on, even if the client disconnects. */
  public void delayStarts(Duration delay) {
    jobs.delayStarts(delay);
  }

  /** How many calls were made so far, so that a test can let the first, second, third ... fail. */
  public int calls() {
    return client.calls();
  }

  /** Loses all changes from now on, or reports them again. */
  public void loseSignals(boolean lost) {
    client.loseSignals(lost);
  }

  /** The bus goes away: jobs fail, calls are refused, and what only a hold kept is unloaded. */
  public void loseConnection(String why) {
    if (client.isConnected()) {
      client.disconnect(why);
      lifecycle.collectAll();
    }
  }

  /** The bus is back, and what was held is held again. */
  public void regainConnection() {
    if (!client.isConnected()) {
      client.reconnect(
          () ->
              client.held().stream()
                  .filter(world::exists)
                  .forEach(unit -> lifecycle.load(unit, "hold")));
    }
  }

  /** Does wrong from now on. */
  public void misbehave(Misbehaviour how) {
    lifecycle.misbehave(how);
  }

  // --- Faults of the machine

  /**
   * The manager dies with all its units: no records, no signals. Follow it with {@link
   * #regainConnection}.
   */
  public void killManager() {
    lifecycle.clear();
    slices.managerKilled();
    loseConnection("the service manager was killed");
  }

  /** The machine loses power: no records; another boot, in which a client may {@link #reopen}. */
  public void powerCut() {
    lifecycle.clear();
    slices.booted();
    close();
    jobs.booted();
    time.reboot();
  }

  /** The machine goes down in order: nothing is started any more, and all units are stopped. */
  public void beginShutdown() {
    jobs.beginShutdown();
  }

  /** The shutdown is over: what still ran has ended and left its record; then another boot. */
  public void shutDown() {
    close();
    lifecycle.all().stream().filter(unit -> unit.processes > 0).forEach(lifecycle::endStopped);
    powerCut();
  }

  /**
   * Sends a signal to a unit's process from outside, whether or not a client is connected; none
   * that suspends a process. Nothing happens if it has none.
   */
  public void signal(String name, int signal) {
    signals.send(Stream.ofNullable(lifecycle.get(name)), signal);
  }

  // --- Questions of a test

  /** How many processes a unit has now. */
  public int processes(String unit) {
    SimulatedUnit loaded = lifecycle.get(unit);
    return loaded == null ? 0 : loaded.processes;
  }

  /** The maximum of processes that a unit ever had at one time; more than one is an error. */
  public int maxProcesses(String unit) {
    return lifecycle.maxProcesses(unit);
  }

  /** The units that have a process now. */
  public List<String> running() {
    return lifecycle.all().stream()
        .filter(unit -> unit.processes > 0)
        .map(unit -> unit.name)
        .toList();
  }

  /** Whether a start waits in the queue of a unit that is down. */
  public boolean isStartQueued() {
    return lifecycle.all().stream().anyMatch(unit -> unit.isDown() && !unit.startJobs.isEmpty());
  }

  /** How often the unit files were read again. */
  public int reloads() {
    return reloads;
  }

  /** How many runs of a unit there were so far, over all boots. */
  public int runs(String unit) {
    return lifecycle.runs(unit);
  }

  /** The boot that units run in now. */
  public String bootId() {
    return time.bootId();
  }
}
