package io.coord.systemd.testing;

import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.JobResult;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.SystemdException;
import io.coord.systemd.UnitFacts;
import io.coord.systemd.UnitPattern;
import io.coord.systemd.UnitStatus;
import io.coord.systemd.UnitWatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A systemd of services that restart on failure, in virtual time.
 *
 * <p>Nothing happens by itself and nothing is delivered inside a call: units live, watchers hear
 * and futures complete only in {@link #advanceTo}, in one order that depends on nothing but the
 * calls made. Not safe for use by several threads.
 *
 * <p>Follows systemd 252 in what a supervisor can see: a unit that ended well is unloaded unless it
 * is held, a failed one stays until it is released; the start limit counts starts in a window that
 * opens with the first; a stop during the restart delay ends the unit; starting while a stop is
 * under way is refused; while the delay runs, a start job waits for the restart; what a backoff
 * adds to the delay is waited for in {@code start-pre}, under the next invocation.
 *
 * <p>Faults put in: starts that wait in the queue, a refused call, a call whose answer is lost,
 * changes that nobody is told of, a broken connection, a killed manager, a shutdown, a power cut.
 * Not simulated: dependencies, limits of anything but time, {@code reload}, units of other types,
 * and of a frozen slice that who is killed in it leaves no record before it is thawed.
 */
public final class SimulatedServiceManager implements ServiceManager {
  private static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";

  private static final String DESTRUCTIVE = "org.freedesktop.systemd1.TransactionIsDestructive";

  /** From a call until systemd has acted on it; measured as 2 to 4 ms. */
  private static final Duration LATENCY = Duration.ofMillis(2);

  /** A process that obeys SIGTERM takes this long about it. */
  private static final Duration OBEDIENCE = Duration.ofMillis(20);

  /** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU. */
  private static final List<Integer> SUSPENDING = List.of(19, 20, 21, 22);

  /** SIGCHLD, SIGCONT, SIGURG, SIGWINCH: without a handler they do nothing. */
  private static final List<Integer> IGNORED = List.of(17, 18, 23, 28);

  private static final int TERM = 15;

  /** How a call goes wrong. */
  public enum CallFault {
    /** It is refused, and nothing happens. */
    REFUSED,
    /** It happens, but the answer never comes. */
    ANSWER_LOST
  }

  private final SimulatedUnits world;
  private final TreeMap<Timestamps, Runnable> events = new TreeMap<>();
  private final TreeMap<String, Unit> units = new TreeMap<>();
  private final TreeMap<String, Integer> runs = new TreeMap<>();
  private final TreeMap<String, Integer> maxProcesses = new TreeMap<>();
  private final TreeSet<String> held = new TreeSet<>();
  private final List<Watch> watches = new ArrayList<>();
  private final List<Waiting> unanswered = new ArrayList<>();
  private final SimulatedSlices slices = new SimulatedSlices(new SlicesHost());
  private final TreeSet<String> activeSlices = new TreeSet<>();
  private Instant bootedAt;
  private Instant now;
  private long sequence;
  private long invocations;
  private int boot = 1;
  private int calls;
  private boolean connected = true;
  private boolean open = true;
  private boolean mute;
  private boolean stopping;
  private boolean mayControl = true;

  /** Targets that are active, and those that have gone down since. */
  private final TreeMap<String, Boolean> targets = new TreeMap<>();

  private @Nullable CallFault fault;
  private Duration startLatency = LATENCY;

  private record Timestamps(Instant at, long sequence) implements Comparable<Timestamps> {
    @Override
    public int compareTo(Timestamps other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  /** A caller that waits for the end of a job. Each is equal to itself only. */
  private static final class Waiting {
    final CompletableFuture<JobResult> future = new CompletableFuture<>();
  }

  private record Watch(UnitPattern pattern, UnitWatcher watcher) {}

  /** A loaded unit. */
  private static final class Unit {
    final String name;
    final Suspension suspension = new Suspension();
    final ServiceSettings settings;
    final List<Waiting> startJobs = new ArrayList<>();
    final List<Waiting> stopJobs = new ArrayList<>();
    ActiveState active = ActiveState.INACTIVE;
    String sub = "dead";
    String result = "success";
    String invocation = "";
    int exitCode;
    int exitStatus;
    String statusText = "";
    int processes;

    /** When its process of the present or last run began. */
    Instant began = Instant.MIN;

    @Nullable SimulatedRun run;
    @Nullable Instant activeSince;

    /** Whether it was told to stop, so that it will not be restarted. */
    boolean stopRequested;

    /** Raised when what was planned for the unit is off. */
    int plan;

    Instant windowStart = Instant.MIN;
    int startsInWindow;

    Unit(String name, ServiceSettings settings) {
      this.name = name;
      this.settings = settings;
    }

    boolean isDown() {
      return active == ActiveState.INACTIVE || active == ActiveState.FAILED;
    }

    /** A restart by systemd itself is a job too, from the end of its delay on. */
    boolean isJobQueued() {
      return !startJobs.isEmpty() || !stopJobs.isEmpty() || sub.equals("start-pre");
    }

    void state(ActiveState newActive, String newSub) {
      active = newActive;
      sub = newSub;
    }
  }

  public SimulatedServiceManager(Instant start, SimulatedUnits world) {
    this.bootedAt = start;
    this.now = start;
    this.world = world;
  }

  // --- Time
  // ---------------------------------------------------------------------------------------

  /** The virtual time. */
  public Instant now() {
    return now;
  }

  /** When something happens next; empty if nothing will. */
  public Optional<Instant> nextEvent() {
    return events.isEmpty() ? Optional.empty() : Optional.of(events.firstKey().at());
  }

  /**
   * Lets everything happen that is due until then, and also what follows from it until then.
   *
   * @throws IllegalArgumentException if that is in the past
   */
  public void advanceTo(Instant then) {
    if (then.isBefore(now)) {
      throw new IllegalArgumentException("time goes back from " + now + " to " + then);
    }
    while (!events.isEmpty() && !events.firstKey().at().isAfter(then)) {
      Map.Entry<Timestamps, Runnable> next = events.pollFirstEntry();
      now = next.getKey().at();
      next.getValue().run();
    }
    now = then;
  }

  private void at(Instant when, Runnable event) {
    events.put(new Timestamps(when, sequence++), event);
  }

  /** Plans something for a unit, unless its plan changes before. */
  private void plan(Unit unit, Duration delay, Runnable event) {
    int plan = unit.plan;
    at(
        now.plus(delay),
        () -> {
          if (units.get(unit.name) == unit && unit.plan == plan) {
            event.run();
          }
        });
  }

  /** Plans what the process itself does: its time stands still while it is frozen. */
  private void planOwn(Unit unit, Duration delay, Runnable event) {
    Instant due = now.plus(delay);
    Duration before = unit.suspension.stoodStill(now);
    int plan = unit.plan;
    plan(
        unit,
        delay,
        () -> {
          if (unit.suspension.isFrozen()) {
            unit.suspension.whenThawed(
                () -> {
                  if (units.get(unit.name) == unit && unit.plan == plan) {
                    Duration missed = unit.suspension.stoodStill(now).minus(before);
                    planOwn(unit, Duration.between(now, due).plus(missed), event);
                  }
                });
            return;
          }
          Duration missed = unit.suspension.stoodStill(now).minus(before);
          if (missed.isZero()) {
            event.run();
          } else {
            planOwn(unit, missed, event);
          }
        });
  }

  // --- The port
  // -----------------------------------------------------------------------------------

  @Override
  public CompletableFuture<JobResult> start(String unit) {
    return job(unit, "start", isTarget(unit) ? this::startTarget : this::startJob);
  }

  @Override
  public CompletableFuture<JobResult> stop(String unit) {
    return job(unit, "stop", isTarget(unit) ? this::stopTarget : this::stopJob);
  }

  private static boolean isTarget(String unit) {
    return unit.endsWith(".target");
  }

  private interface Job {
    void queue(String unit, Waiting waiting);
  }

  private CompletableFuture<JobResult> job(String unit, String verb, Job job) {
    Waiting waiting = new Waiting();
    try {
      call(
          unit,
          verb,
          () -> {
            job.queue(unit, waiting);
            unanswered.add(waiting);
          });
    } catch (SystemdException e) {
      // A later end of the job finds nobody waiting.
      unanswered.remove(waiting);
      waiting.future.completeExceptionally(e);
    }
    return waiting.future;
  }

  private void startJob(String name, Waiting job) {
    if (stopping) {
      throw failure(name, "start", DESTRUCTIVE, "the manager is shutting down");
    }
    Unit unit = load(name, "start");
    if (!unit.stopJobs.isEmpty()) {
      throw failure(name, "start", DESTRUCTIVE, "a stop job is queued for it");
    }
    if (unit.active == ActiveState.ACTIVE) {
      answer(job, JobResult.DONE);
      return;
    }
    unit.startJobs.add(job);
    if (unit.isDown() && unit.startJobs.size() == 1) {
      plan(unit, startLatency, () -> begin(unit));
    }
  }

  private void stopJob(String name, Waiting job) {
    Unit unit = units.get(name);
    if (unit == null) {
      answer(job, JobResult.DONE);
      return;
    }
    List<Waiting> cancelled = List.copyOf(unit.startJobs);
    unit.startJobs.clear();
    cancelled.forEach(start -> answer(start, JobResult.CANCELED));
    if (unit.suspension.isFrozen()) {
      slices.stoppedWithin(world.slice(name));
    }
    if (unit.processes == 0) {
      unit.plan++;
      unit.suspension.end(now);
      if (!unit.isDown()) {
        unit.state(ActiveState.INACTIVE, "dead");
        changed(name);
      }
      answer(job, JobResult.DONE);
      collect(unit);
      return;
    }
    unit.stopJobs.add(job);
    unit.stopRequested = true;
    unit.suspension.thaw(now);
    if (unit.active == ActiveState.DEACTIVATING) {
      return;
    }
    terminate(unit, "success");
  }

  /**
   * @param result why, as systemd says it
   */
  private void terminate(Unit unit, String result) {
    unit.plan++;
    unit.result = result;
    unit.state(ActiveState.DEACTIVATING, "stop-sigterm");
    changed(unit.name);
    if (unit.run != null && unit.run.ignoresStop()) {
      plan(unit, unit.settings.stopTimeout(), () -> end(unit, "timeout", 2, 9));
    } else {
      plan(unit, OBEDIENCE, () -> end(unit, "success", 2, TERM));
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException for signals that suspend a process
   */
  @Override
  public void kill(String name, int signal) {
    kill(List.of(name), name, signal);
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException for signals that suspend a process
   */
  @Override
  public void killAll(String name, int signal) {
    List<String> inSlice =
        units.keySet().stream().filter(unit -> world.slice(unit).equals(name)).toList();
    kill(name.endsWith(".slice") ? inSlice : List.of(name), name, signal);
  }

  private void kill(List<String> names, String subject, int signal) {
    if (signal < 1 || signal > 64) {
      throw new IllegalArgumentException("not a signal: " + signal);
    }
    if (SUSPENDING.contains(signal)) {
      throw new UnsupportedOperationException("suspending a process is not simulated");
    }
    call(subject, "kill", () -> names.forEach(one -> signal(one, signal)));
  }

  private static boolean isDeaf(Unit unit, int signal) {
    boolean ignores = unit.run != null && unit.run.ignoresStop() && signal == TERM;
    return ignores || IGNORED.contains(signal);
  }

  /** A signal arrives, unless the process that it was sent to is gone by now. */
  private void killed(Unit unit, String invocation, int signal) {
    if (units.get(unit.name) == unit && unit.invocation.equals(invocation) && unit.processes > 0) {
      end(unit, new SimulatedRun.Signal(Duration.ZERO, signal));
    }
  }

  @Override
  public void hold(String unit) {
    call(
        unit,
        "hold",
        () -> {
          load(unit, "hold");
          held.add(unit);
        });
  }

  @Override
  public void release(String unit) {
    call(
        unit,
        "release",
        () -> {
          held.remove(unit);
          Unit loaded = units.get(unit);
          if (loaded == null) {
            return;
          }
          loaded.startsInWindow = 0;
          loaded.windowStart = Instant.MIN;
          if (loaded.active == ActiveState.FAILED) {
            loaded.state(ActiveState.INACTIVE, "dead");
            loaded.result = "success";
            changed(unit);
          }
          collect(loaded);
        });
  }

  @Override
  public Optional<UnitStatus> status(String unit) {
    List<UnitStatus> found = new ArrayList<>();
    call(
        unit,
        "read",
        () -> Optional.ofNullable(units.get(unit)).map(this::status).ifPresent(found::add));
    return found.stream().findFirst();
  }

  @Override
  public List<UnitStatus> units(String pattern) {
    UnitPattern wanted = new UnitPattern(pattern);
    List<UnitStatus> found = new ArrayList<>();
    call(
        pattern,
        "list",
        () ->
            units.values().stream()
                .filter(unit -> wanted.matches(unit.name))
                .map(this::status)
                .forEach(found::add));
    return List.copyOf(found);
  }

  @Override
  public UnitFacts facts(String unit) {
    List<UnitFacts> found = new ArrayList<>();
    call(unit, "read", () -> found.add(world.facts(unit)));
    return found.get(0);
  }

  @Override
  public void checkRights(String unit) {
    call(
        unit,
        "control",
        () -> {
          if (!mayControl) {
            throw failure(
                unit, "control", "org.freedesktop.DBus.Error.AccessDenied", "Permission denied");
          }
        });
  }

  @Override
  public SimulatedSlices slices() {
    return slices;
  }

  private final class SlicesHost implements SimulatedSlices.Host {
    @Override
    public void call(String subject, String verb, Runnable effect) {
      SimulatedServiceManager.this.call(subject, verb, effect);
    }

    @Override
    public boolean isActive(String slice) {
      return activeSlices.contains(slice);
    }

    @Override
    public void freezeUnits(String slice) {
      within(slice)
          .filter(unit -> unit.processes > 0 && !unit.suspension.isFrozen())
          .forEach(SimulatedServiceManager.this::suspend);
    }

    @Override
    public void thawUnits(String slice) {
      within(slice).forEach(unit -> unit.suspension.thaw(now));
    }

    private Stream<Unit> within(String slice) {
      return List.copyOf(units.values()).stream()
          .filter(unit -> world.slice(unit.name).equals(slice));
    }
  }

  @Override
  public boolean isStopping() {
    boolean[] answer = new boolean[1];
    call("service manager", "read", () -> answer[0] = stopping);
    return answer[0];
  }

  /** Every unit is part of every target. */
  @Override
  public boolean isStopping(String target) {
    boolean[] answer = new boolean[1];
    call(target, "read", () -> answer[0] = Boolean.FALSE.equals(targets.get(target)));
    return answer[0];
  }

  private void startTarget(String target, Waiting job) {
    targets.put(target, true);
    answer(job, JobResult.DONE);
  }

  private void stopTarget(String target, Waiting job) {
    targets.replace(target, false);
    for (String unit : List.copyOf(units.keySet())) {
      stopJob(unit, new Waiting());
    }
    answer(job, JobResult.DONE);
  }

  @Override
  public void reload() {
    call("unit files", "reload", () -> {});
  }

  @Override
  public void watch(String pattern, UnitWatcher watcher) {
    watches.add(new Watch(new UnitPattern(pattern), watcher));
  }

  /**
   * Ends the client's connection, as its death would: its holds and its watchers are gone, its
   * futures never complete. The units live on.
   */
  @Override
  public void close() {
    open = false;
    // The next client has not seen them go down.
    targets.values().removeIf(active -> !active);
    forgetClient();
    watches.clear();
    unanswered.clear();
  }

  // --- Faults and questions of a test
  // ---------------------------------------------------------------

  /** A new client connects to the same manager, after {@link #close} or a boot. */
  public void reopen() {
    open = true;
    connected = true;
    mute = false;
    fault = null;
  }

  /** Whether the client may control units, as far as {@link #checkRights} tells; true at first. */
  public void setMayControl(boolean may) {
    mayControl = may;
  }

  /** The next call goes wrong. */
  public void failNextCall(CallFault how) {
    fault = how;
  }

  /**
   * Starts that are asked for from now on wait so much longer in the queue, whoever still lives.
   */
  public void delayStarts(Duration delay) {
    startLatency = LATENCY.plus(delay);
  }

  /** How many calls were made so far, so that a test can let the first, second, third ... fail. */
  public int calls() {
    return calls;
  }

  /** From now on watchers are told of no change, or again of those that come. */
  public void loseSignals(boolean lost) {
    mute = lost;
  }

  /** The bus goes away: jobs fail, calls are refused, and what only a hold kept is unloaded. */
  public void loseConnection(String why) {
    if (!connected) {
      return;
    }
    connected = false;
    List<Waiting> failing = List.copyOf(unanswered);
    unanswered.clear();
    SystemdException failure = failure("service manager", "hear from", "disconnected", why);
    at(now, () -> failing.forEach(job -> job.future.completeExceptionally(failure)));
    report(watcher -> watcher.connectionLost(why));
    TreeSet<String> again = new TreeSet<>(held);
    forgetClient();
    held.addAll(again);
  }

  /** The bus is there again, and what was held is held again. */
  public void regainConnection() {
    if (connected) {
      return;
    }
    connected = true;
    List.copyOf(held).stream().filter(world::exists).forEach(unit -> load(unit, "hold"));
    report(UnitWatcher::connectionBack);
  }

  /**
   * The manager dies with all its units: no records, no word. Follow it with {@link
   * #regainConnection}.
   */
  public void killManager() {
    units.clear();
    slices.managerKilled();
    activeSlices.clear();
    loseConnection("the service manager was killed");
  }

  /** The machine loses power: no records; another boot, in which a client may {@link #reopen}. */
  public void powerCut() {
    units.clear();
    slices.booted();
    activeSlices.clear();
    close();
    events.clear();
    stopping = false;
    bootedAt = now;
    boot++;
  }

  /** The machine goes down in order: nothing is started any more, and all units are stopped. */
  public void beginShutdown() {
    stopping = true;
    for (Unit unit : units.values()) {
      unit.startJobs.clear();
      unit.stopRequested = true;
      if (unit.processes == 0) {
        unit.plan++;
      } else if (unit.active != ActiveState.DEACTIVATING) {
        terminate(unit, "success");
      }
    }
  }

  /** The shutdown is over: what still ran has ended and left its record; then another boot. */
  public void shutDown() {
    close();
    for (Unit unit : List.copyOf(units.values())) {
      if (unit.processes > 0) {
        boolean ignores = unit.run != null && unit.run.ignoresStop();
        unit.state(ActiveState.DEACTIVATING, "stop-sigterm");
        unit.stopRequested = true;
        end(unit, ignores ? "timeout" : "success", 2, ignores ? 9 : TERM);
      }
    }
    powerCut();
  }

  /**
   * Somebody else sends a signal to a unit's process, whoever is connected; no signal that suspends
   * one. Nothing happens if it has none.
   */
  public void signal(String name, int signal) {
    Unit unit = units.get(name);
    if (unit != null && unit.processes > 0 && !isDeaf(unit, signal)) {
      String invocation = unit.invocation;
      at(now.plus(LATENCY), () -> killed(unit, invocation, signal));
    }
  }

  /** How many processes a unit has now. */
  public int processes(String unit) {
    Unit loaded = units.get(unit);
    return loaded == null ? 0 : loaded.processes;
  }

  /** The most processes that a unit ever had at one time; more than one must never be. */
  public int maxProcesses(String unit) {
    return maxProcesses.getOrDefault(unit, 0);
  }

  /** The units that have a process now. */
  public List<String> running() {
    return units.values().stream()
        .filter(unit -> unit.processes > 0)
        .map(unit -> unit.name)
        .toList();
  }

  /** Whether a start waits in the queue of a unit that is down. */
  public boolean isStartQueued() {
    return units.values().stream().anyMatch(unit -> unit.isDown() && !unit.startJobs.isEmpty());
  }

  /** How many runs of a unit there were so far, over all boots. */
  public int runs(String unit) {
    return runs.getOrDefault(unit, 0);
  }

  /** The boot that units run in now. */
  public String bootId() {
    return String.format("%032x", boot);
  }

  // --- The life of a unit
  // ---------------------------------------------------------------------------

  private void begin(Unit unit) {
    Instant windowEnd =
        unit.startsInWindow == 0
            ? Instant.MIN
            : unit.windowStart.plus(unit.settings.restarts().interval());
    if (now.isAfter(windowEnd)) {
      unit.windowStart = now;
      unit.startsInWindow = 0;
    }
    boolean limited = !unit.settings.restarts().interval().isZero();
    if (limited && unit.startsInWindow > unit.settings.restarts().limit()) {
      unit.plan++;
      // As seen on systemd 252: the result of the last run stays, if it was no success.
      unit.result = unit.result.equals("success") ? "start-limit-hit" : unit.result;
      unit.state(ActiveState.FAILED, "failed");
      answerAll(unit.startJobs, JobResult.FAILED);
      changed(unit.name);
      return;
    }
    unit.startsInWindow++;
    unit.plan++;
    unit.invocation = String.format("%032x", ++invocations);
    unit.result = "success";
    unit.exitCode = 0;
    unit.exitStatus = 0;
    unit.statusText = "";
    unit.stopRequested = false;
    Duration rest = backoffBeyond(restartDelay(unit), unit);
    if (rest.isZero()) {
      execute(unit);
      return;
    }
    unit.state(ActiveState.ACTIVATING, "start-pre");
    changed(unit.name);
    plan(unit, rest, () -> execute(unit));
  }

  /** RestartSec: with a backoff, the delay before the first restart. */
  private static Duration restartDelay(Unit unit) {
    Duration delay = unit.settings.restarts().delay();
    return unit.settings
        .restarts()
        .backoff()
        .map(backoff -> backoff.firstDelay(delay))
        .orElse(delay);
  }

  private Duration backoffBeyond(Duration waited, Unit unit) {
    Duration whole =
        unit.settings
            .restarts()
            .backoff()
            .map(
                backoff ->
                    backoff.delay(unit.settings.restarts().delay(), world.crashCount(unit.name)))
            .orElse(Duration.ZERO);
    return whole.compareTo(waited) > 0 ? whole.minus(waited) : Duration.ZERO;
  }

  private void execute(Unit unit) {
    unit.plan++;
    if (slices.isFrozen(world.slice(unit.name))) {
      awaitThaw(unit);
      return;
    }
    int number = runs.merge(unit.name, 1, Integer::sum);
    SimulatedRun run = world.run(unit.name, number);
    unit.run = run;
    unit.began = now;
    if (run.end().orElse(null) instanceof SimulatedRun.NotExecutable) {
      answerAll(unit.startJobs, JobResult.FAILED);
      end(unit, "exit-code", 1, 203);
      return;
    }
    unit.processes++;
    activeSlices.add(world.slice(unit.name));
    maxProcesses.merge(unit.name, unit.processes, Math::max);
    unit.state(ActiveState.ACTIVE, "running");
    unit.activeSince = now;
    answerAll(unit.startJobs, JobResult.DONE);
    changed(unit.name);
    world.started(unit.name, number, unit.invocation);
    for (SimulatedRun.Report report : run.reports()) {
      planOwn(unit, report.after(), () -> report(unit, number, report.text()));
    }
    run.end().ifPresent(end -> endOfItself(unit, end));
    unit.settings
        .runtimeMax()
        .ifPresent(most -> plan(unit, most, () -> terminate(unit, "timeout")));
  }

  /** Its processes stand still, but its watchdog does not wait; what it does shows at the thaw. */
  private void suspend(Unit unit) {
    Duration before = unit.suspension.stoodStill(now);
    unit.suspension.freeze(now);
    int plan = unit.plan;
    unit.settings
        .watchdog()
        .ifPresent(
            time ->
                unit.suspension.whenThawed(
                    () -> {
                      Duration missed = unit.suspension.stoodStill(now).minus(before);
                      if (unit.plan == plan && missed.compareTo(time) >= 0) {
                        end(unit, new SimulatedRun.Watchdog(time));
                      }
                    }));
  }

  /** Its process stands still before its first instruction, so it counts for nothing yet. */
  private void awaitThaw(Unit unit) {
    int plan = unit.plan;
    unit.suspension.freeze(now);
    unit.suspension.whenThawed(
        () -> {
          if (units.get(unit.name) == unit && unit.plan == plan) {
            execute(unit);
          }
        });
    unit.state(ActiveState.ACTIVATING, "start");
    changed(unit.name);
  }

  private void endOfItself(Unit unit, SimulatedRun.End end) {
    if (!(end instanceof SimulatedRun.Silent silent)) {
      planOwn(unit, end.after(), () -> end(unit, end));
      return;
    }
    unit.settings
        .watchdog()
        .map(silent.after()::plus)
        .ifPresent(after -> plan(unit, after, () -> end(unit, new SimulatedRun.Watchdog(after))));
  }

  private void report(Unit unit, int number, String text) {
    unit.statusText = text;
    world.reported(unit.name, number, text);
    changed(unit.name);
  }

  private void end(Unit unit, SimulatedRun.End end) {
    if (end instanceof SimulatedRun.Exit exit) {
      boolean success = exit.code() == 0 || unit.settings.successCodes().contains(exit.code());
      end(unit, success ? "success" : "exit-code", 1, exit.code());
    } else if (end instanceof SimulatedRun.Signal signal) {
      // SIGHUP, SIGINT, SIGTERM and SIGPIPE count as a clean end of a service.
      boolean clean = List.of(1, 2, 13, TERM).contains(signal.number());
      end(unit, clean ? "success" : "signal", 2, signal.number());
    } else if (end instanceof SimulatedRun.OutOfMemory) {
      end(unit, "oom-kill", 2, 9);
    } else if (end instanceof SimulatedRun.Watchdog) {
      end(unit, "watchdog", 2, 6);
    }
  }

  private void end(Unit unit, String result, int exitCode, int exitStatus) {
    unit.plan++;
    unit.processes = 0;
    unit.suspension.end(now);
    // What was wrong first stays.
    unit.result = unit.result.equals("success") ? result : unit.result;
    unit.exitCode = exitCode;
    unit.exitStatus = exitStatus;
    world.ended(unit.name, exitRecord(unit));
    boolean forced = exitCode != 1 && unit.settings.restartSignals().contains(exitStatus);
    boolean restarts = !unit.stopRequested && (forced || !unit.result.equals("success"));
    if (!restarts) {
      boolean well = unit.result.equals("success");
      unit.state(well ? ActiveState.INACTIVE : ActiveState.FAILED, well ? "dead" : "failed");
    } else {
      unit.state(ActiveState.ACTIVATING, "auto-restart");
      plan(unit, restartDelay(unit), () -> begin(unit));
    }
    answerAll(unit.stopJobs, JobResult.DONE);
    changed(unit.name);
    collect(unit);
  }

  private ExitRecord exitRecord(Unit unit) {
    boolean exited = unit.exitCode == 1;
    return new ExitRecord(
        unit.invocation,
        bootId(),
        now.getEpochSecond(),
        unit.result,
        new ExitRecord.ProcessExit(
            exited ? "exited" : "killed",
            exited ? String.valueOf(unit.exitStatus) : signalName(unit.exitStatus)),
        new ExitRecord.ResourceUse(
            OptionalLong.of(unit.result.equals("oom-kill") ? 1 : 0), OptionalLong.empty()),
        OptionalLong.of(Duration.between(unit.began, now).toMillis()),
        "");
  }

  private static String signalName(int number) {
    return switch (number) {
      case 1 -> "HUP";
      case 2 -> "INT";
      case 6 -> "ABRT";
      case 9 -> "KILL";
      case 11 -> "SEGV";
      case 13 -> "PIPE";
      case TERM -> "TERM";
      default -> String.valueOf(number);
    };
  }

  private Unit load(String name, String verb) {
    Unit loaded = units.get(name);
    if (loaded != null) {
      return loaded;
    }
    if (!world.exists(name)) {
      throw failure(name, verb, NO_SUCH_UNIT, "Unit " + name + " not found.");
    }
    Unit unit = new Unit(name, world.settings(name));
    units.put(name, unit);
    return unit;
  }

  /** Unloads a unit that ended well, has nothing queued and is held by nobody. */
  private void collect(Unit unit) {
    boolean holding = connected && held.contains(unit.name);
    if (unit.active == ActiveState.INACTIVE && unit.startJobs.isEmpty() && !holding) {
      units.remove(unit.name, unit);
      changed(unit.name);
    }
  }

  private void forgetClient() {
    held.clear();
    List.copyOf(units.values()).forEach(this::collect);
  }

  private UnitStatus status(Unit unit) {
    return new UnitStatus(
        unit.name,
        unit.active,
        unit.sub,
        unit.isJobQueued(),
        false,
        new UnitStatus.Activation(
            unit.invocation.isEmpty() ? Optional.empty() : Optional.of(unit.invocation),
            unit.result,
            new UnitStatus.MainProcess(unit.exitCode, unit.exitStatus),
            unit.statusText,
            Optional.ofNullable(unit.activeSince).map(since -> Duration.between(bootedAt, since))),
        new UnitStatus.ControlGroup(
            unit.processes > 0 ? "/" + world.slice(unit.name) + "/" + unit.name : "",
            OptionalLong.empty()));
  }

  // --- Calls and answers
  // ----------------------------------------------------------------------------

  private void call(String subject, String verb, Runnable effect) {
    calls++;
    CallFault failing = fault;
    fault = null;
    if (!open || !connected) {
      throw failure(subject, verb, "disconnected", "no connection to the service manager");
    }
    if (failing == CallFault.REFUSED) {
      throw failure(
          subject, verb, "org.freedesktop.DBus.Error.LimitsExceeded", "refused by a test");
    }
    effect.run();
    if (failing == CallFault.ANSWER_LOST) {
      throw failure(subject, verb, "timeout", "no answer within 25 s; it may still happen");
    }
  }

  private static SystemdException failure(
      String subject, String verb, String errorName, String why) {
    return new SystemdException(
        subject, errorName, "cannot " + verb + " unit '" + subject + "': " + why, null);
  }

  private void answerAll(List<Waiting> jobs, JobResult result) {
    List<Waiting> ending = List.copyOf(jobs);
    jobs.clear();
    ending.forEach(job -> answer(job, result));
  }

  private void answer(Waiting job, JobResult result) {
    at(
        now,
        () -> {
          // A client that is gone or cut off hears nothing.
          if (unanswered.remove(job)) {
            job.future.complete(result);
          }
        });
  }

  private void changed(String unit) {
    if (mute || !connected) {
      return;
    }
    for (Watch watch : watches) {
      if (watch.pattern().matches(unit)) {
        at(now, () -> reported(watch, watcher -> watcher.unitChanged(unit)));
      }
    }
  }

  private void report(Consumer<UnitWatcher> news) {
    watches.forEach(watch -> at(now, () -> reported(watch, news)));
  }

  private void reported(Watch watch, Consumer<UnitWatcher> news) {
    if (watches.contains(watch)) {
      news.accept(watch.watcher());
    }
  }
}
