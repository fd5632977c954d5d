package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Transitions;
import io.coord.scheduler.testing.Samples;
import io.coord.thermal.ZoneSelection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A machine, its daemon and its users in virtual time. One step is one event of the loop, one task
 * of the executor, or the next thing that happens on the machine.
 */
final class SimulatedWorld {
  private static final Duration TEMPERATURE_INTERVAL = Duration.ofSeconds(5);
  private static final Duration HEALTH_INTERVAL = Duration.ofSeconds(30);

  final SimulatedMachine machine = new SimulatedMachine();
  final Limits limits;
  final TreeMap<String, Spec> specs = new TreeMap<>();
  final ScheduleInvariants schedules = new ScheduleInvariants();

  /** Ids whose enqueueing was acknowledged, with their state as it was last seen. */
  final TreeMap<String, ExperimentState> acknowledged = new TreeMap<>();

  /**
   * Ids of units that somebody has stopped with systemctl, or a daemon that died before it could
   * store that: the next one cannot tell these apart.
   */
  final TreeSet<String> stoppedFromOutside = new TreeSet<>();

  /** Ids of units that this daemon has stopped without having stored it. */
  private final TreeSet<String> stoppedUnstored = new TreeSet<>();

  /** The specs of those that were acknowledged. */
  final TreeMap<String, Spec> specOf = new TreeMap<>();

  /** Ids that an operator has disabled, and those of them that a boot has found so. */
  private final TreeSet<String> disabled = new TreeSet<>();

  private final TreeSet<String> barred = new TreeSet<>();

  /** A boot in which systemd never answered is not known to the ledger, so nor is the next one. */
  private boolean dispatchedEver;

  /** Ids of those that were in a slot and came back to the queue, before all others. */
  private final TreeSet<String> broughtBack = new TreeSet<>();

  private Optional<Runnable> atAQueuedStart = Optional.empty();

  FaultPlan faults = FaultPlan.NONE;

  private final Supplier<Ledger> open;
  private final Random random;
  private final TreeMap<Instant, Deque<Runnable>> agenda = new TreeMap<>();
  private @Nullable SimulatedDaemon daemon;
  private int daemonStarts;
  private Duration aged = Duration.ZERO;
  private long steps;
  private boolean hot = true;

  /** Whether this daemon has read a hot zone; and since when it is cool. */
  private boolean wasHot;

  private Optional<Instant> coolSince = Optional.empty();

  SimulatedWorld(Limits limits, Random random, Supplier<Ledger> open) {
    this.limits = limits;
    this.random = random;
    this.open = open;
    startDaemon();
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

  // --- the daemon

  void startDaemon() {
    if (daemon != null) {
      return;
    }
    machine.manager.reopen();
    int daemonNumber = ++daemonStarts;
    hot = true;
    wasHot = false;
    coolSince = Optional.empty();
    try {
      Ledger ledger = open.get();
      acknowledged.forEach(
          (id, before) -> {
            ExperimentState after = ledger.find(id).orElseThrow().state();
            if (before.isFinal()) {
              assertThat(after).as("final state of " + id).isEqualTo(before);
            }
            noteBroughtBack(id, before, after);
            acknowledged.put(id, after);
          });
      daemon =
          new SimulatedDaemon(
              machine,
              ledger,
              limits,
              () -> faults,
              text -> Optional.ofNullable(specs.get(text)),
              this::noteStored,
              this::check,
              this::noteStop,
              this::lasts);
    } catch (DaemonKilled e) {
      throw new IllegalStateException("nothing is called so early", e);
    }
    readZones(daemonNumber);
    in(HEALTH_INTERVAL, () -> checkHealth(daemonNumber));
  }

  private void noteStop(String unit) {
    String id = SimulatedMachine.idOf(unit);
    if (acknowledged.get(id) != ExperimentState.STOPPING) {
      stoppedUnstored.add(id);
    }
  }

  void killDaemon() {
    if (daemon != null) {
      stoppedFromOutside.addAll(stoppedUnstored);
      stoppedUnstored.clear();
      daemon.ledger.close();
      daemon = null;
      machine.manager.close();
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
      in(Duration.ofMillis(1 + random.nextInt(20_000)), this::startDaemon);
    }
  }

  private boolean isCurrent(int daemonNumber) {
    return daemon != null && daemonNumber == daemonStarts;
  }

  private void readZones(int daemonNumber) {
    if (daemon != null && isCurrent(daemonNumber)) {
      ZoneSelection.Summary summary = ZoneSelection.summarise(machine.board.read());
      boolean hotNow =
          summary.hottest().isEmpty()
              || summary
                      .hottest()
                      .get()
                      .temperature()
                      .orElseThrow()
                      .compareTo(limits.heat().thresholds().throttle())
                  >= 0;
      daemon.loop.ask(
          state -> {
            hot = hotNow;
            noteDwell(summary, hotNow);
            return hot;
          });
      daemon.loop.post(new Event.ZonesRead(summary));
      in(TEMPERATURE_INTERVAL, () -> readZones(daemonNumber));
    }
  }

  /** What was hot must be cool for a while. */
  private void noteDwell(ZoneSelection.Summary summary, boolean hotNow) {
    if (summary.hottest().isEmpty()) {
      return;
    }
    wasHot |= hotNow;
    if (hotNow) {
      coolSince = Optional.empty();
    } else if (coolSince.isEmpty()) {
      coolSince = Optional.of(now());
    }
  }

  private void checkDwell(String id) {
    boolean dwelt =
        coolSince
            .filter(since -> !now().isBefore(since.plus(limits.heat().thresholds().dwell())))
            .isPresent();
    require(!wasHot || dwelt, () -> id + " starts though it is cool only since " + coolSince);
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
    specs.put(spec.name(), spec);
    machine.put(spec.name(), program);
    ask(ticket ->
            new Event.EnqueueAsked(
                ticket,
                spec.name(),
                spec,
                "ada",
                daemon().map(living -> living.endsFor(spec)).orElseGet(TreeMap::new)))
        .ifPresent(
            answer ->
                answer.thenAccept(
                    given -> {
                      if (given instanceof RequestOutcome.Done done) {
                        String id = done.experiment().id();
                        assertThat(acknowledged).as("ids given out").doesNotContainKey(id);
                        acknowledged.put(id, ExperimentState.QUEUED);
                        specOf.put(id, spec);
                      }
                    }));
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
                daemon().map(living -> living.endsFor(spec)).orElseGet(TreeMap::new)));
  }

  void unschedule(String id) {
    ask(ticket -> new Event.UnscheduleAsked(ticket, id, "ada", true));
  }

  private void noteStored(List<Change> changes) {
    for (Experiment experiment : schedules.stored(changes, machine.moment())) {
      assertThat(acknowledged).as("ids given out").doesNotContainKey(experiment.id());
      acknowledged.put(experiment.id(), ExperimentState.QUEUED);
      specOf.put(experiment.id(), specs.get(experiment.submission().spec()));
    }
    for (Change change : changes) {
      if (change instanceof Change.TimePassed time) {
        aged = aged.plus(time.passed());
      }
    }
    require(
        aged.compareTo(Duration.between(SimulatedMachine.START, now())) <= 0,
        () -> "the ledger is older than the world: " + aged);
  }

  void stop(String id) {
    ask(ticket -> new Event.StopAsked(ticket, id, "ada"));
  }

  void hold(String id) {
    ask(ticket -> new Event.HoldAsked(ticket, id, "ada"));
  }

  /** Lets nothing start any more, or again. */
  void drain(boolean draining) {
    ask(ticket -> new Event.DrainAsked(ticket, draining, "ada"));
  }

  /** Has it come back by itself after a boot, or not. */
  void autostart(String id, boolean autostart) {
    if (autostart) {
      disabled.remove(id);
    }
    ask(ticket -> new Event.AutostartAsked(ticket, id, autostart, "ada"))
        .ifPresent(
            answer ->
                answer.thenAccept(
                    given -> {
                      if (!autostart && given instanceof RequestOutcome.Done) {
                        disabled.add(id);
                      }
                    }));
  }

  /** The machine was booted: what is disabled by now does not start by itself. */
  void booted() {
    if (dispatchedEver) {
      barred.addAll(disabled);
    }
  }

  void release(String id) {
    barred.remove(id);
    ask(ticket -> new Event.ReleaseAsked(ticket, id, "ada"));
  }

  private Optional<CompletableFuture<RequestOutcome>> ask(LongFunction<Event> event) {
    return daemon().map(living -> living.loop.request(event));
  }

  /**
   * A spec with more to say.
   *
   * @param fields each after a comma, with single quotes
   */
  static Spec asked(String name, Optional<String> id, long ram, int priority, String fields) {
    return Samples.read(
        "{%s'name': '%s', 'command': ['%s'], 'working_directory': '/', 'priority': %d, 'ram': '%dM'%s}"
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
        in(Duration.ofMillis(1 + random.nextInt(20_000)), this::startDaemon);
      }
    }
    dieIfAStartIsQueued();
    checkNow();
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
    } else if (!(tasksFirst ? living.handle() : living.loop.step())
        && !(tasksFirst ? living.loop.step() : living.handle())) {
      goOn();
    }
  }

  /**
   * A call of the executor takes this long. Meanwhile the loop works, readings and health checks
   * come, and the daemon may die.
   */
  private void lasts(Duration time) {
    Instant end = now().plus(time);
    SimulatedDaemon calling = daemon;
    while (calling != null && now().isBefore(end)) {
      if (!calling.loop.step()) {
        Instant next = nextEvent();
        advanceTo(next.isBefore(end) ? next : end);
      }
      if (daemon != calling) {
        throw new DaemonKilled();
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
    Optional<Instant> schedules = daemon().flatMap(one -> one.loop.pause()).map(now()::plus);
    if (schedules.filter(next::isAfter).isPresent()) {
      next = schedules.get();
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
    return daemon != null
        && daemon.state.experiments().isEmpty()
        && machine.manager.running().isEmpty()
        && machine.prepared().isEmpty();
  }

  // --- what must never be

  private void check(Change.Moved moved) {
    ExperimentState from = moved.from().state();
    ExperimentState to = moved.to().state();
    assertThat(Transitions.allowed(from, to)).as(from + " to " + to).isTrue();
    assertThat(acknowledged.getOrDefault(moved.id(), from)).as(moved.id()).isEqualTo(from);
    // After a start that failed, it is where it was.
    if (!moved.reason().contains("; retried in ")) {
      noteBroughtBack(moved.id(), from, to);
    }
    acknowledged.computeIfPresent(moved.id(), (id, before) -> to);
    if (to == ExperimentState.STARTING) {
      assertThat(hot).as("dispatch of " + moved.id() + " while it is too hot").isFalse();
      checkDwell(moved.id());
      checkMayStart(moved.id());
      checkOrder(moved.id());
    }
    if (moved.reason().contains("systemctl")) {
      assertThat(stoppedFromOutside).as(moved.reason()).contains(moved.id());
    }
  }

  private void noteBroughtBack(String id, ExperimentState before, ExperimentState after) {
    if (after == ExperimentState.QUEUED
        && before != ExperimentState.QUEUED
        && before != ExperimentState.HELD) {
      broughtBack.add(id);
    }
  }

  /** Nobody of the same group who asks for no more memory was to go before this one. */
  private void checkOrder(String id) {
    if (daemon == null || !acknowledged.containsKey(id)) {
      return;
    }
    Comparator<Experiment> order =
        Comparator.comparing((Experiment one) -> !broughtBack.contains(one.id()))
            .thenComparing(one -> -one.submission().priority())
            .thenComparing(Experiment::sequence);
    Experiment gone = daemon.state.find(id).orElseThrow();
    for (Experiment other : daemon.state.waiting()) {
      boolean couldGo =
          acknowledged.containsKey(other.id())
              && other.submission().ramBytes() <= gone.submission().ramBytes()
              && daemon.state.awaited(other.id()).isEmpty()
              && !daemon.state.runtime().dispatch().retries().containsKey(other.id())
              && daemon.state.groupOf(other.id()).equals(daemon.state.groupOf(id));
      require(!couldGo || order.compare(gone, other) < 0, () -> gone + " goes before " + other);
    }
  }

  private void checkMayStart(String id) {
    dispatchedEver = true;
    assertThat(daemon().orElseThrow().state.draining()).as("draining: " + id).isFalse();
    assertThat(barred).as("disabled before the boot").doesNotContain(id);
    Spec spec = specOf.get(id);
    if (spec != null) {
      for (String before : spec.ordering().after()) {
        assertThat(acknowledged.get(before))
            .as(id + " after " + before)
            .isEqualTo(ExperimentState.COMPLETED);
      }
      for (String before : spec.ordering().afterAny()) {
        assertThat(acknowledged.getOrDefault(before, ExperimentState.QUEUED).isFinal())
            .as(id + " after any " + before)
            .isTrue();
      }
    }
  }

  /** Called after each step, so it makes its words only when it needs them. */
  private void checkNow() {
    require(machine.strange.isEmpty(), machine.strange::toString);
    List<String> running = machine.manager.running();
    require(
        running.size() <= limits.capacity().slots(),
        () -> "more run than there are slots: " + running);
    for (String unit : running) {
      require(machine.manager.maxProcesses(unit) < 2, () -> "two processes at once of " + unit);
      ExperimentState state = acknowledged.get(SimulatedMachine.idOf(unit));
      require(state == null || state.isActive(), () -> unit + " runs while it is " + state);
    }
    if (daemon != null) {
      Collection<Experiment> active = daemon.state.active();
      require(active.size() <= limits.capacity().slots(), () -> "too many slots taken: " + active);
      long reserved = 0;
      for (Experiment experiment : active) {
        reserved += experiment.submission().ramBytes();
      }
      limits
          .capacity()
          .groupSlots()
          .forEach(
              (group, slots) -> {
                long taken =
                    active.stream()
                        .filter(
                            e -> {
                              Spec spec = specs.get(e.submission().spec());
                              return spec != null && spec.ordering().group().equals(group);
                            })
                        .count();
                require(taken <= slots, () -> "too many of group " + group + ": " + active);
              });
      require(reserved <= limits.capacity().ramBytes(), () -> "too much memory taken: " + active);
    }
  }

  private static void require(boolean so, Supplier<String> otherwise) {
    if (!so) {
      throw new AssertionError(otherwise.get());
    }
  }
}
