package io.coord.scheduler.sim;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.sim.oracle.Asked;
import io.coord.scheduler.sim.oracle.Machine;
import io.coord.scheduler.sim.oracle.Oracle;
import io.coord.scheduler.sim.oracle.Rule;
import io.coord.scheduler.sim.oracle.SimulatedProgram;
import io.coord.scheduler.sim.oracle.Truth;
import io.coord.scheduler.sim.oracle.Violation;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.SliceStatus;
import io.coord.thermal.Thresholds;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A machine, its daemon and its users in virtual time. One step is one event of the loop, one task
 * of the executor, or the next thing that happens on the machine; after each, the oracle looks.
 */
final class SimulatedWorld implements Truth {
  private static final Duration TEMPERATURE_INTERVAL = Duration.ofSeconds(5);
  private static final Duration HEALTH_INTERVAL = Duration.ofSeconds(30);
  private static final Duration SLOW = Duration.ofMillis(500);

  /** So many early failures hold a group. */
  private static final int HOLD_A_COMMAND = 5;

  final SimulatedMachine machine;
  final SimulatedClimate climate = new SimulatedClimate();
  final Limits limits;
  final Counters counters = new Counters();
  final ScheduleInvariants schedules = new ScheduleInvariants();

  /** Ids whose enqueueing was acknowledged, with their state as it was stored last. */
  final TreeMap<String, ExperimentState> states = new TreeMap<>();

  private final TreeMap<String, Spec> specs = new TreeMap<>();
  private final TreeSet<String> stoppedOutside = new TreeSet<>();

  /** Ids of units that this daemon has stopped without having stored it. */
  private final TreeSet<String> stoppedUnstored = new TreeSet<>();

  /** Ids that an operator has disabled. */
  private final TreeSet<String> disabled = new TreeSet<>();

  /** A boot in which systemd never answered is not known to the ledger, so nor is the next one. */
  private boolean dispatchedEver;

  private Optional<Runnable> atAQueuedStart = Optional.empty();
  private FaultPlan plan = FaultPlan.NONE;
  private final FaultPlan faults;
  private final Supplier<Ledger> open;
  private final Random random;
  private final TreeMap<Instant, Deque<Runnable>> agenda = new TreeMap<>();
  private @Nullable SimulatedDaemon daemon;
  private int daemonStarts;
  private long readings;
  private final Random switchTimes = new Random(1);
  private Instant powerModeThreadFree = Instant.MIN;
  private Duration aged = Duration.ZERO;
  private long steps;

  SimulatedWorld(Limits limits, Random random, Supplier<Ledger> open) {
    this.limits = limits;
    this.random = random;
    this.open = open;
    this.machine = new SimulatedMachine(bounds(limits));
    this.faults =
        new FaultPlan.Noted(
            () -> plan,
            what -> {
              oracle().fault();
              counters.count(what);
            });
    startDaemon();
  }

  private static Machine bounds(Limits limits) {
    Thresholds thresholds = limits.heat().thresholds();
    return new Machine(
        limits.capacity().slots(),
        limits.capacity().ramBytes(),
        limits.capacity().groupSlots(),
        new Machine.Heat(
            thresholds.hold().value(),
            thresholds.throttle().value(),
            thresholds.critical().value(),
            thresholds.hysteresis().value(),
            thresholds.dwell(),
            limits.heat().emergencyStop(),
            limits.heat().startInterval()));
  }

  Oracle oracle() {
    return machine.oracle();
  }

  long steps() {
    return steps;
  }

  Instant now() {
    return machine.manager.now();
  }

  Optional<SimulatedDaemon> daemon() {
    return Optional.ofNullable(daemon);
  }

  /** Has something happen later. */
  void in(Duration delay, Runnable event) {
    agenda.computeIfAbsent(now().plus(delay), none -> new ArrayDeque<>()).add(event);
  }

  FaultPlan faults() {
    return faults;
  }

  /** These faults happen from now on. */
  void faults(FaultPlan present) {
    plan = present;
  }

  // --- the daemon

  void startDaemon() {
    if (daemon != null) {
      return;
    }
    machine.manager.reopen();
    oracle().coordinatorBegins();
    oracle().faultEnds("no daemon");
    counters.count("daemon begins");
    int daemonNumber = ++daemonStarts;
    try {
      daemon = new SimulatedDaemon(this, open.get());
    } catch (DaemonKilled e) {
      throw new IllegalStateException("nothing is called so early", e);
    }
    daemon.checkPowerMode();
    readZones(daemonNumber);
    in(HEALTH_INTERVAL, () -> checkHealth(daemonNumber));
  }

  /** The spec of a stored text. */
  Optional<Spec> spec(String text) {
    return Optional.ofNullable(specs.get(text));
  }

  /** This daemon asks for a unit to be stopped. */
  void noteStop(String unit) {
    String id = SimulatedMachine.idOf(unit);
    if (states.get(id) != ExperimentState.STOPPING) {
      stoppedUnstored.add(id);
    }
  }

  void killDaemon() {
    if (daemon != null) {
      // The next one cannot tell a stop that was not stored from a stop by somebody else.
      stoppedUnstored.forEach(this::noteStoppedOutside);
      stoppedUnstored.clear();
      daemon.ledger.close();
      if (switchTimes.nextBoolean()) {
        // The tool goes on without it.
        daemon.switchAtOnce();
      }
      daemon = null;
      powerModeThreadFree = Instant.MIN;
      machine.manager.close();
      oracle().faultBegins("no daemon");
    }
  }

  /** The daemon dies as soon as systemd has a start in its queue, and this happens with it. */
  void dieAtAQueuedStart(Runnable besides) {
    atAQueuedStart = Optional.of(besides);
  }

  private void dieIfAStartIsQueued() {
    if (atAQueuedStart.isPresent() && daemon != null && machine.manager.isStartQueued()) {
      Runnable besides = atAQueuedStart.get();
      atAQueuedStart = Optional.empty();
      besides.run();
      killDaemon();
      counters.count("killed at a queued start");
      in(Duration.ofMillis(1 + random.nextInt(20_000)), this::startDaemon);
    }
  }

  private boolean isCurrent(int daemonNumber) {
    return daemon != null && daemonNumber == daemonStarts;
  }

  /**
   * A task of the daemon's thread for power modes, which works on one after the other.
   *
   * @param mostMillis how long it takes at most
   */
  void powerModeTask(int mostMillis, Runnable task) {
    int daemonNumber = daemonStarts;
    Instant begin = powerModeThreadFree.isAfter(now()) ? powerModeThreadFree : now();
    powerModeThreadFree = begin.plusMillis(switchTimes.nextInt(mostMillis));
    in(
        Duration.between(now(), powerModeThreadFree),
        () -> {
          if (isCurrent(daemonNumber)) {
            task.run();
          }
        });
  }

  /** The daemon wants its next reading at this time. */
  void readZonesIn(Duration time) {
    long reading = ++readings;
    int daemonNumber = daemonStarts;
    in(
        time,
        () -> {
          if (reading == readings) {
            readZones(daemonNumber);
          }
        });
  }

  private void readZones(int daemonNumber) {
    SimulatedDaemon living = daemon;
    if (living == null || !isCurrent(daemonNumber)) {
      return;
    }
    SliceStatus slice = machine.manager.slices().inForce(ExperimentUnits.SLICE);
    List<ZoneReading> zones =
        climate.read(
            now(), machine.manager.running().size(), slice.processorPercent(), slice.frozen());
    ZoneSelection.Summary summary = ZoneSelection.summarise(zones);
    OptionalInt read =
        summary
            .hottest()
            .map(zone -> OptionalInt.of(zone.temperature().orElseThrow().value()))
            .orElseGet(OptionalInt::empty);
    // In the loop's own order: what is decided before does not know of it.
    living.loop.ask(
        state -> {
          oracle().read(read);
          return read;
        });
    living.loop.post(new Event.ZonesRead(summary));
    living.checkPowerMode();
    readZonesIn(TEMPERATURE_INTERVAL);
  }

  private void checkHealth(int daemonNumber) {
    if (daemon != null && isCurrent(daemonNumber)) {
      daemon.loop.post(new Event.HealthDue());
      in(HEALTH_INTERVAL, () -> checkHealth(daemonNumber));
    }
  }

  // --- users

  /** Enqueues a spec; its program is known by the spec's name. */
  void enqueue(Spec spec, SimulatedProgram program) {
    enqueue(spec, program, "ada", true);
  }

  /**
   * Enqueues a spec for a user.
   *
   * @param waits whether the client lives until it has an answer
   */
  void enqueue(Spec spec, SimulatedProgram program, String owner, boolean waits) {
    specs.put(spec.name(), spec);
    machine.put(spec.name(), program);
    ask(
        ticket ->
            new Event.EnqueueAsked(
                ticket,
                spec.name(),
                spec,
                owner,
                daemon().map(living -> living.endsFor(spec)).orElseGet(TreeMap::new)),
        done -> {
          if (waits) {
            oracle().acknowledged(done.experiment().id());
          }
        });
  }

  /**
   * Has a spec enqueued again and again; each of its experiments has a program of its own.
   *
   * @param seconds between two times
   */
  void schedule(String id, Spec spec, long seconds, Supplier<SimulatedProgram> programs) {
    specs.put(spec.name(), spec);
    machine.putEach(spec.name(), programs);
    ask(
        ticket ->
            new Event.ScheduleAsked(
                ticket,
                new Schedule(id, "every " + seconds, spec.name(), "ada", true, 1, Optional.empty()),
                spec,
                daemon().map(living -> living.endsFor(spec)).orElseGet(TreeMap::new)),
        done -> {});
  }

  void unschedule(String id) {
    ask(ticket -> new Event.UnscheduleAsked(ticket, id, "ada", true), done -> {});
  }

  /** These changes are in the ledger. */
  void stored(List<Change> changes) {
    climate.modes.current().ifPresent(mode -> oracle().powerMode(mode.name()));
    schedules.stored(changes, machine.moment()).forEach(one -> oracle().acknowledged(one.id()));
    for (Change change : changes) {
      if (change instanceof Change.Enqueued added) {
        Experiment experiment = added.experiment();
        states.put(experiment.id(), ExperimentState.QUEUED);
        oracle()
            .enqueued(
                experiment.id(),
                experiment.sequence(),
                ofOwner(
                    asked(added.spec(), experiment.submission().ramBytes()),
                    experiment.submission().owner()));
      } else if (change instanceof Change.Moved moved) {
        noteMoved(moved);
      } else if (change instanceof Change.Progressed progressed) {
        oracle().progressStored(progressed.id(), progressed.progress().cycle());
      } else if (change instanceof Change.RunEnded ended) {
        counters.count("run ended by " + ended.end().cause());
      } else if (change instanceof Change.TimePassed time) {
        aged = aged.plus(time.passed());
        require(
            aged.compareTo(Duration.between(SimulatedMachine.START, now())) <= 0,
            Rule.RUN_TIME,
            "the ledger is older than the world: " + aged);
      }
    }
    noteBreakers(changes);
  }

  /** After all else in a commit, as it follows from that. */
  private void noteBreakers(List<Change> changes) {
    for (Change change : changes) {
      if (change instanceof Change.BreakerSet set) {
        BreakerState breaker = set.breaker();
        counters.count(breaker.held() ? "command held" : "command noted");
        oracle().commandStored(breaker.key().toString(), breaker.held(), HOLD_A_COMMAND);
      }
    }
  }

  private void noteMoved(Change.Moved moved) {
    ExperimentState to = moved.to().state();
    dispatchedEver |= to == ExperimentState.STARTING;
    counters.count("state " + to);
    if (moved.from().state() == ExperimentState.STARTING
        && (moved.reason().contains("; retried in ") || moved.reason().contains("; tried "))) {
      counters.count("start failed");
      oracle().startFailed(moved.id());
    }
    oracle().moved(moved.id(), moved.from().state(), to, moved.reason());
    require(
        !moved.reason().contains("systemctl") || stoppedOutside.contains(moved.id()),
        Rule.MOVED_UNASKED,
        moved.toString());
    states.put(moved.id(), to);
  }

  void stop(String id) {
    oracle().stopAsked(id);
    ask(ticket -> new Event.StopAsked(ticket, id, "ada"), done -> oracle().stopAcknowledged(id));
  }

  void hold(String id) {
    oracle().holdAsked(id);
    ask(ticket -> new Event.HoldAsked(ticket, id, "ada"), done -> {});
  }

  /** Lets nothing start any more, or again. */
  void drain(boolean draining) {
    oracle().drainAsked();
    daemon()
        .ifPresent(
            living ->
                living
                    .loop
                    .request(ticket -> new Event.DrainAsked(ticket, draining, "ada"))
                    .thenAccept(
                        answer -> {
                          if (answer instanceof RequestOutcome.Acknowledged) {
                            counters.count(draining ? "drained" : "resumed");
                            oracle().drainAcknowledged(draining);
                          }
                        }));
  }

  /** Has it come back by itself after a boot, or not. */
  void autostart(String id, boolean autostart) {
    if (autostart) {
      disabled.remove(id);
    } else {
      oracle().disableAsked(id);
    }
    ask(
        ticket -> new Event.AutostartAsked(ticket, id, autostart, "ada"),
        done -> {
          if (!autostart) {
            disabled.add(id);
          }
        });
  }

  /** The machine was booted: what is disabled by now does not start by itself. */
  void booted() {
    counters.count("boot");
    if (dispatchedEver) {
      disabled.forEach(oracle()::disabledAtBoot);
    }
  }

  void release(String id) {
    oracle().releaseAsked(id);
    ask(ticket -> new Event.ReleaseAsked(ticket, id, "ada"), done -> {});
  }

  /** An operator lets the next of a held group try. */
  void releaseGroup(String group) {
    daemon()
        .ifPresent(
            living ->
                living.loop.request(ticket -> new Event.GroupReleaseAsked(ticket, group, "ada")));
  }

  /** Somebody stops a unit with systemctl. */
  void stopFromOutside(String unit) {
    noteStoppedOutside(SimulatedMachine.idOf(unit));
    machine.manager.stop(unit);
  }

  private void noteStoppedOutside(String id) {
    stoppedOutside.add(id);
    oracle().stoppedOutside(id);
  }

  private void ask(LongFunction<Event> event, Consumer<RequestOutcome.Done> then) {
    daemon().map(living -> living.loop.request(event)).ifPresent(answer -> tell(answer, then));
  }

  private static void tell(
      CompletableFuture<RequestOutcome> answer, Consumer<RequestOutcome.Done> then) {
    answer.thenAccept(
        given -> {
          if (given instanceof RequestOutcome.Done done) {
            then.accept(done);
          }
        });
  }

  /**
   * A spec with more to say.
   *
   * @param fields each after a comma, with single quotes
   */
  static Spec asked(String name, Optional<String> id, long ram, int priority, String fields) {
    return Samples.read(
        "{%s'name': '%s', 'command': ['run', '%s'], 'working_directory': '/', 'priority': %d, 'ram': '%dM'%s}"
            .formatted(
                id.map("'id': '%s', "::formatted).orElse(""),
                name,
                name,
                priority,
                ram >> 20,
                fields));
  }

  static Spec spec(String name, Optional<String> id, long ram, int priority, OptionalInt max) {
    return Samples.spec(id.orElse(""), name, priority, ram, max, Optional.empty());
  }

  // --- time

  /** One step; whatever it was, nothing that must never be is true after it. */
  void step() {
    steps++;
    SimulatedDaemon acting = daemon;
    try {
      act();
    } catch (DaemonKilled e) {
      // One that died in the middle of a long call may have a successor by now.
      if (daemon == acting) {
        killDaemon();
        counters.count("killed at a call");
        in(Duration.ofMillis(1 + random.nextInt(20_000)), this::startDaemon);
      }
    }
    dieIfAStartIsQueued();
    check();
  }

  private void check() {
    require(machine.strange.isEmpty(), Rule.RUN_CONTEXT, machine.strange.toString());
    SliceStatus slice = machine.manager.slices().inForce(ExperimentUnits.SLICE);
    oracle().restrained(slice.processorPercent().isPresent() || slice.frozen());
    if (slice.frozen()) {
      oracle().frozen();
    }
    oracle().lowered(climate.isLowered());
    oracle().check();
  }

  private static void require(boolean so, Rule rule, String otherwise) {
    if (!so) {
      throw new Violation(rule, otherwise);
    }
  }

  private void act() {
    if (daemon == null) {
      goOn();
      return;
    }
    SimulatedDaemon living = daemon;
    boolean tasksFirst = random.nextBoolean();
    if (living.hasTasks() && random.nextInt(40) == 0) {
      // Calls can be slow.
      advanceTo(now().plusMillis(random.nextInt(20)));
    } else if (!(tasksFirst ? handle(living) : living.loop.step())
        && !(tasksFirst ? living.loop.step() : handle(living))) {
      goOn();
    }
  }

  private boolean handle(SimulatedDaemon living) {
    return living.hasTasks() && living.handle(random.nextBoolean());
  }

  /**
   * A call of the executor takes this long. Meanwhile the loop and the other lane work, readings
   * and health checks come, and the daemon may die.
   */
  void lasts(Duration time) {
    Instant end = now().plus(time);
    boolean slow = time.compareTo(SLOW) > 0;
    if (slow) {
      counters.count("slow call");
      oracle().faultBegins("slow call");
    }
    try {
      SimulatedDaemon calling = daemon;
      while (calling != null && now().isBefore(end)) {
        if (!calling.loop.step() && !handle(calling)) {
          Instant next = nextEvent();
          advanceTo(next.isBefore(end) ? next : end);
        }
        if (daemon != calling) {
          throw new DaemonKilled();
        }
      }
    } finally {
      if (slow) {
        oracle().faultEnds("slow call");
      }
    }
  }

  private void goOn() {
    advanceTo(nextEvent());
  }

  private Instant nextEvent() {
    Instant next = machine.manager.nextEvent().orElse(Instant.MAX);
    if (!agenda.isEmpty() && agenda.firstKey().isBefore(next)) {
      next = agenda.firstKey();
    }
    Optional<Instant> schedule = daemon().flatMap(one -> one.loop.pause()).map(now()::plus);
    if (schedule.filter(next::isAfter).isPresent()) {
      next = schedule.get();
    }
    return next.isBefore(now()) ? now() : next;
  }

  private void advanceTo(Instant then) {
    machine.manager.advanceTo(then);
    while (!agenda.isEmpty() && !agenda.firstKey().isAfter(then)) {
      agenda.pollFirstEntry().getValue().forEach(Runnable::run);
    }
  }

  /** Everything has ended, and nothing of it is left. */
  boolean isAtRest() {
    return daemon != null && daemon.state.experiments().isEmpty() && leftovers().isEmpty();
  }

  // --- the truth

  @Override
  public Set<String> acknowledged() {
    return oracle().acknowledged();
  }

  @Override
  public List<TrueRun> runs() {
    return machine.runs();
  }

  @Override
  public SimulatedProgram program(String spec, String id) {
    return machine.program(spec, id);
  }

  @Override
  public Asked asked(String text) {
    return asked(text, 0);
  }

  /** A unique key is one among those of a user. */
  private static Asked ofOwner(Asked asked, String owner) {
    return asked.uniqueKey().map(key -> asked.unique(owner + "/" + key)).orElse(asked);
  }

  private Asked asked(String text, long ramBytes) {
    Spec spec = specs.get(text);
    if (spec == null) {
      throw new IllegalStateException("nobody has asked for " + text);
    }
    return new Asked(
        spec.resources().ramBytes().orElse(ramBytes),
        spec.priority(),
        new Asked.Conditions(
            spec.ordering().group(),
            spec.ordering().after(),
            spec.ordering().afterAny(),
            spec.ordering().notBefore(),
            spec.conditions().maxMilliCelsius(),
            spec.conditions().powerMode()),
        new Asked.Bounds(
            spec.restart().maxCrashes(), spec.times().maxDuration(), spec.times().noProgress()),
        spec.ordering().uniqueKey());
  }

  @Override
  public boolean stoppedOutside(String id) {
    return stoppedOutside.contains(id);
  }

  @Override
  public boolean wasManagerKilled() {
    return machine.wasManagerKilled();
  }

  @Override
  public boolean wasClockChanged() {
    return machine.wasClockChanged();
  }

  @Override
  public String bootId() {
    return machine.manager.bootId();
  }

  @Override
  public List<String> leftovers() {
    List<String> left = new ArrayList<>(machine.manager.running());
    left.addAll(machine.prepared());
    return left;
  }
}
