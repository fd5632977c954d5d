package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.Transition;
import io.coord.persistence.sqlite.SqliteLedger;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.sim.oracle.LedgerAudit;
import io.coord.scheduler.sim.oracle.Oracle;
import io.coord.scheduler.sim.oracle.SimulatedProgram;
import io.coord.thermal.Thresholds;
import io.coord.thermal.testing.SimulatedPowerModes.Trouble;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** One simulation of the whole coordinator: faults first, then none until everything has ended. */
final class Simulation {
  private static final long GIB = 1L << 30;
  private static final Duration TIME_LIMIT = Duration.ofHours(12);

  /** To and from which a switch needs no reboot. */
  private static final String[] MODES = {"MAXN", "MODE_50W"};

  private static final String[] USERS = {"ada", "bob", "cy"};
  private static final String[] SCHEDULES = {"often", "now-and-then"};
  private static final Duration TRIED_AGAIN = Duration.ofMinutes(3);
  private static final Duration HISTORY_IS_KEPT = Duration.ofDays(30);
  private static final long MAX_STEPS = 200_000;

  private final long seed;
  private final Random random;

  /** Whether many ask for a power mode, and so wait for each other. */
  private final boolean wantsModes;

  private final Path file;
  private final SimulatedWorld world;
  private final FaultPlan.ByChance faults;
  private final Set<String> stopped = new TreeSet<>();
  private final List<Runnable> plan = new ArrayList<>();
  private int named;
  private boolean shuttingDown;
  private boolean unmounted;

  Simulation(long seed, Path folder) {
    this.seed = seed;
    this.random = new Random(seed);
    this.wantsModes = seed % 4 == 0;
    this.file = folder.resolve("ledger-" + seed + ".db");
    int slots = 1 + random.nextInt(4);
    Limits limits =
        new Limits(
            new Limits.Capacity(
                slots,
                (2 + random.nextInt(8)) * GIB,
                new java.util.TreeMap<>(java.util.Map.of("narrow", 1, "wide", 2))),
            2 * GIB,
            Thresholds.DEFAULT);
    this.world = new SimulatedWorld(limits, random, () -> SqliteLedger.open(file));
    this.faults = new FaultPlan.ByChance(random);
  }

  /** Runs it, and returns the transitions of all experiments. */
  List<String> run() {
    plan();
    world.faults(faults);
    int pause = 0;
    while (!plan.isEmpty()) {
      if (pause-- <= 0) {
        plan.remove(random.nextInt(plan.size())).run();
        // Often close together, so that one thing happens in the middle of another.
        pause = random.nextInt(random.nextBoolean() ? 6 : 60);
      }
      step("chaos");
    }
    calmDown();
    secondAct();
    Instant calm = world.now();
    waitFor("schedules have caught up", () -> wasCalmSince(calm));
    world.schedules.checkNoneIsLate(world.machine.moment());
    List.copyOf(world.schedules.ids()).forEach(world::unschedule);
    waitFor("all experiments have ended except held ones", this::onlyHeld);
    waitFor("all experiments have ended", this::releasedAndAtRest);
    waitFor("the power mode is as it was", () -> !world.climate.isLowered());
    Ledger ledger = world.daemon().orElseThrow().ledger;
    new LedgerAudit(world, ledger).check();
    List<String> reported = new ArrayList<>();
    for (String id : world.acknowledged()) {
      ledger.transitions(id).stream().map(Transition::toString).forEach(reported::add);
      ledger.runs(id).forEach(run -> reported.add(run.toString()));
    }
    checkBackup(ledger);
    for (int i = world.machine.manager.reloads(); i > 0; i--) {
      count("reload");
    }
    world.killDaemon();
    checkPruning();
    return reported;
  }

  Counters counters() {
    return world.counters;
  }

  long steps() {
    return world.steps();
  }

  /** What was stored is in a backup, and comes back from it. */
  private void checkBackup(Ledger ledger) {
    if (seed % 8 != 0) {
      return;
    }
    Path copy = file.resolveSibling(file.getFileName() + ".backup");
    ledger.backup(copy);
    try (Ledger restored = SqliteLedger.open(copy)) {
      assertThat(restored.ended(1000)).isEqualTo(ledger.ended(1000));
      assertThat(restored.schedules()).isEqualTo(ledger.schedules());
      assertThat(restored.lastSequence()).isEqualTo(ledger.lastSequence());
    }
    count("backup restored");
  }

  /** What has ended long ago is deleted, and its ids are never given out again. */
  private void checkPruning() {
    try (Ledger ledger = SqliteLedger.open(file)) {
      int ended = ledger.ended(1000).size();
      assertThat(ledger.prune(HISTORY_IS_KEPT, 1000, new TreeSet<>())).as("too young").isZero();
      ledger.commit(List.of(new Change.TimePassed(HISTORY_IS_KEPT.plusDays(1))));
      assertThat(ledger.prune(HISTORY_IS_KEPT, 1000, new TreeSet<>())).isEqualTo(ended);
      assertThat(world.acknowledged()).allMatch(ledger::wasUsed);
    }
    count("pruned");
  }

  private void step(String when) {
    world.step();
    if (world.steps() > MAX_STEPS) {
      throw new AssertionError(
          "seed %d does not come to rest (%s, %s): %s"
              .formatted(seed, when, world.now(), active()));
    }
  }

  private boolean wasCalmSince(Instant begin) {
    return world.now().isAfter(begin.plus(Duration.ofMinutes(3)));
  }

  private interface Wanted {
    boolean isSo();
  }

  private void waitFor(String what, Wanted wanted) {
    Instant end = world.now().plus(TIME_LIMIT);
    while (!wanted.isSo()) {
      step(what);
      if (world.now().isAfter(end)) {
        throw new AssertionError("not so after %s: %s: %s".formatted(TIME_LIMIT, what, active()));
      }
    }
  }

  private List<Experiment> active() {
    return world.daemon().stream().flatMap(daemon -> daemon.state.experiments().stream()).toList();
  }

  /** Those that would run for ever are stopped, so that the others get their slots. */
  private boolean onlyHeld() {
    for (Experiment experiment : active()) {
      boolean running = experiment.state() == ExperimentState.RUNNING;
      if (running && isEndless(experiment) && stopped.add(experiment.id())) {
        world.stop(experiment.id());
      }
    }
    if (world.daemon().filter(daemon -> daemon.state.draining()).isPresent()) {
      world.drain(false);
    }
    return world.daemon().isPresent() && active().stream().allMatch(this::isHeld);
  }

  /** A hold that was requested during the faults may be answered only now. */
  private boolean releasedAndAtRest() {
    active().stream()
        .filter(experiment -> experiment.state() == ExperimentState.HELD)
        .forEach(held -> world.release(held.id()));
    return onlyHeld() && world.isAtRest();
  }

  /** Held, or waiting for a held experiment. */
  private boolean isHeld(Experiment experiment) {
    boolean waits =
        experiment.state() == ExperimentState.QUEUED
            && world.daemon().orElseThrow().state.awaited(experiment.id()).isPresent();
    return waits || experiment.state() == ExperimentState.HELD;
  }

  private boolean isEndless(Experiment experiment) {
    String spec = world.daemon().orElseThrow().state.specText(experiment.id()).orElseThrow();
    return world.machine.program(spec, experiment.id()).temper == SimulatedProgram.Temper.IDLE;
  }

  private void calmDown() {
    world.faults(FaultPlan.NONE);
    emptyDisk();
    mount();
    makeReadable();
    world.climate.calm();
    world.machine.setClock(Duration.ZERO);
    regainSignals();
    startAtOnce();
    regainBus();
    world.startDaemon();
  }

  // --- the plan of the chaos

  private void plan() {
    int experiments = 3 + random.nextInt(10);
    for (int i = 0; i < experiments; i++) {
      some(this::enqueue);
    }
    for (int i = random.nextInt(10); i > 0; i--) {
      some(() -> anyId().ifPresent(world::stop));
      some(() -> anyId().ifPresent(world::hold));
      some(() -> anyId().ifPresent(world::release));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      some(() -> anyId().ifPresent(id -> world.autostart(id, random.nextInt(3) == 0)));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      some(this::schedule);
      some(this::unschedule);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      some(this::jump);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      some(() -> world.drain(random.nextBoolean()));
    }
    for (int i = random.nextInt(5); i > 0; i--) {
      some(this::heat);
    }
    if (random.nextInt(4) == 0) {
      some(this::warm);
    }
    if (wantsModes) {
      some(this::twoModes);
      some(this::failSwitch);
      some(this::twoModes);
    }
    if (random.nextInt(6) == 0) {
      some(this::plague);
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      some(this::upgrade);
      some(this::loseBus);
      some(this::loseSignals);
      some(this::killDaemon);
      some(this::delayStarts);
    }
    if (random.nextInt(6) == 0) {
      some(this::unmount);
    }
    if (random.nextInt(4) == 0) {
      some(this::makeUnreadable);
    }
    if (random.nextInt(3) == 0) {
      some(this::fillDisk);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      some(this::stopFromOutside);
      some(this::killManager);
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      some(this::straySignal);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      some(random.nextBoolean() ? this::reboot : this::cutPower);
    }
  }

  /**
   * No fault any more, but users and heat go on: now each thing must happen within its time. The
   * oracle knows the times.
   */
  private void secondAct() {
    pause(Duration.ofSeconds(60));
    List<Runnable> acts = new ArrayList<>();
    for (int i = 2 + random.nextInt(5); i > 0; i--) {
      acts.add(this::enqueue);
    }
    acts.add(this::endless);
    if (wantsModes) {
      acts.add(this::twoModes);
    }
    acts.add(() -> world.drain(random.nextInt(3) == 0));
    acts.add(() -> anyId().ifPresent(world::stop));
    acts.add(
        switch (random.nextInt(4)) {
          case 0 -> this::heat;
          case 1 -> this::warm;
          case 2 -> this::plague;
          default -> this::upgrade;
        });
    while (!acts.isEmpty()) {
      acts.remove(random.nextInt(acts.size())).run();
      pause(Duration.ofSeconds(random.nextInt(40)));
    }
    pause(Duration.ofSeconds(random.nextInt(300)));
    world.climate.calm();
  }

  private void pause(Duration time) {
    Instant end = world.now().plus(time);
    while (world.now().isBefore(end)) {
      step("second act");
    }
  }

  /** Runs until a limit ends it. */
  private void endless() {
    String limit =
        random.nextBoolean()
            ? ", 'no_progress': '%ds'".formatted(30 + random.nextInt(120))
            : ", 'max_duration': '%ds'".formatted(30 + random.nextInt(120));
    world.enqueue(
        SimulatedWorld.asked("program-" + ++named, Optional.empty(), GIB / 2, 3, limit),
        SimulatedProgram.idle());
  }

  /** What a mistake in a command does: several with it fail early, each in the same way. */
  private void plague() {
    count("plague");
    // A program that reports a cycle shows that its command can run, if somebody looks in time.
    boolean missing = named % 2 == 0;
    for (int i = 0; i < 7; i++) {
      world.enqueue(
          SimulatedWorld.asked(
              "plague-" + ++named,
              Optional.empty(),
              GIB / 2,
              2,
              ", 'group': 'lab', 'max_crashes': 0"),
          missing ? SimulatedProgram.missing() : SimulatedProgram.broken(Duration.ofSeconds(1)));
    }
    if (random.nextBoolean()) {
      after(120, () -> world.releaseGroup("lab"));
    }
  }

  /** The second one comes while the board is switched for the first. */
  private void twoModes() {
    inMode(MODES[1]);
    after(10, () -> inMode(MODES[0]));
  }

  private void inMode(String mode) {
    count("asks for a power mode");
    world.enqueue(
        SimulatedWorld.asked(
            "program-" + ++named,
            Optional.empty(),
            GIB / 2,
            3,
            ", 'nvpmodel_mode': '" + mode + "', 'max_crashes': 0"),
        SimulatedProgram.any(random));
  }

  private void some(Runnable event) {
    plan.add(event);
  }

  private void after(int mostSeconds, Runnable event) {
    world.in(Duration.ofMillis(1 + random.nextInt(mostSeconds * 1000)), event);
  }

  private void enqueue() {
    String name = "program-" + ++named;
    Optional<String> id = random.nextInt(3) == 0 ? Optional.empty() : Optional.of(anyName());
    StringBuilder fields = new StringBuilder();
    if (random.nextBoolean()) {
      fields.append(", 'max_crashes': ").append(random.nextInt(5));
    }
    String[] groups = {"default", "narrow", "wide"};
    fields.append(", 'group': '").append(groups[random.nextInt(groups.length)]).append("'");
    if (random.nextInt(3) == 0) {
      Optional<String> other = anyId().filter(any -> !id.equals(Optional.of(any)));
      String word = random.nextBoolean() ? "after" : "after_any";
      other.ifPresent(any -> fields.append(", '" + word + "': ['" + any + "']"));
    }
    if (random.nextInt(5) == 0) {
      fields.append(", 'max_duration': '").append(20 + random.nextInt(200)).append("s'");
    }
    if (random.nextInt(4) == 0) {
      fields.append(", 'no_progress': '").append(120 + random.nextInt(300)).append("s'");
    }
    if (random.nextInt(4) == 0) {
      fields.append(", 'restart_delay': '2s', 'restart_max_delay': '20s'");
    }
    if (random.nextInt(6) == 0) {
      fields.append(", 'unique_key': 'key-").append(random.nextInt(3)).append("'");
    }
    if (random.nextInt(8) == 0) {
      fields
          .append(", 'not_before': '")
          .append(world.now().plusSeconds(random.nextInt(300)))
          .append("'");
    }
    if (wantsModes && random.nextBoolean()) {
      count("asks for a power mode");
      fields.append(", 'nvpmodel_mode': '").append(MODES[random.nextInt(MODES.length)]).append("'");
    }
    if (random.nextInt(8) == 0) {
      fields.append(", 'max_temp_celsius': ").append(60 + random.nextInt(25));
    }
    SimulatedProgram program = SimulatedProgram.any(random);
    boolean waits = random.nextInt(10) != 0;
    if (!waits) {
      count("client died");
    }
    String owner = USERS[random.nextInt(USERS.length)];
    world.enqueue(
        SimulatedWorld.asked(
            name, id, (1 + random.nextInt(3)) * GIB / 2, random.nextInt(3), fields.toString()),
        program,
        owner,
        waits);
  }

  /** Also one that a schedule would give. */
  private String anyName() {
    return random.nextInt(8) == 0
        ? SCHEDULES[random.nextInt(SCHEDULES.length)] + "-000" + (1 + random.nextInt(5))
        : "exp-" + random.nextInt(20);
  }

  private void schedule() {
    String id = SCHEDULES[random.nextInt(SCHEDULES.length)];
    Spec spec =
        SimulatedWorld.asked(
            "scheduled-" + id + "-" + ++named, Optional.empty(), GIB / 2, random.nextInt(3), "");
    world.schedule(id, spec, 60 + random.nextInt(600), () -> SimulatedProgram.any(random));
  }

  private void unschedule() {
    if (random.nextBoolean()) {
      world.unschedule(SCHEDULES[random.nextInt(SCHEDULES.length)]);
    }
  }

  /** The tool cannot set the next mode; a third attempt in a row always succeeds. */
  private void failSwitch() {
    count("switch fails");
    world.climate.modes.nextSwitch(random.nextBoolean() ? Trouble.REFUSES : Trouble.HANGS);
  }

  /** The wall clock jumps, and some time later is set right again. */
  private void jump() {
    switch (random.nextInt(4)) {
      case 0 -> world.machine.setClock(Duration.ofDays(-365));
      case 1 -> world.machine.setClock(Duration.ofDays(30));
      case 2 -> world.machine.resetClock();
      default -> world.machine.setClock(Duration.ofSeconds(random.nextInt(7200) - 3600));
    }
    after(600, () -> world.machine.setClock(Duration.ZERO));
  }

  private Optional<String> anyId() {
    List<String> ids = List.copyOf(world.acknowledged());
    return ids.isEmpty() ? Optional.empty() : Optional.of(ids.get(random.nextInt(ids.size())));
  }

  private void heat() {
    switch (random.nextInt(4)) {
      case 0 -> world.climate.board.setOffline("cpu-thermal");
      case 1 -> world.climate.board.set("cpu-thermal", 80);
      default -> world.climate.board.set("cpu-thermal", 90);
    }
    after(90, () -> world.climate.board.set("cpu-thermal", 50));
  }

  /** The board warms up with what runs, in warm air. */
  private void warm() {
    count("climate");
    world.climate.warm(
        random.nextBoolean() ? 40 + random.nextInt(20) : 62 + random.nextInt(12),
        random.nextLong(),
        world.now());
    after(900, world.climate::calm);
  }

  private void loseBus() {
    fault("bus", 40, this::regainBus);
    world.machine.manager.loseConnection("the bus closed the connection");
  }

  private void regainBus() {
    world.machine.manager.regainConnection();
    world.oracle().faultEnds("bus");
  }

  private void loseSignals() {
    fault("signals", 60, this::regainSignals);
    world.machine.manager.loseSignals(true);
  }

  private void regainSignals() {
    world.machine.manager.loseSignals(false);
    world.oracle().faultEnds("signals");
  }

  private void count(String what) {
    world.counters.count(what);
  }

  /** A fault begins, and is over some time later. */
  private void fault(String name, int mostSeconds, Runnable end) {
    count(name);
    world.oracle().faultBegins(name);
    after(mostSeconds, end);
  }

  /** The daemon is replaced by its next version, in the middle of everything. */
  private void upgrade() {
    if (world.daemon().isPresent()) {
      count("upgrade");
      world.killDaemon();
      world.startDaemon();
    }
  }

  private void killDaemon() {
    if (world.daemon().isPresent()) {
      count("killed");
      world.killDaemon();
      world.in(Duration.ofMillis(1 + random.nextInt(60_000)), world::startDaemon);
    }
  }

  /** systemd is busy: who has asked for a start may be long gone when it is carried out. */
  private void delayStarts() {
    fault("delayed starts", 90, this::startAtOnce);
    world.machine.manager.delayStarts(Duration.ofMillis(random.nextInt(60_000)));
    if (random.nextBoolean()) {
      world.dieAtAQueuedStart(random.nextBoolean() ? this::heat : () -> {});
    }
  }

  private void startAtOnce() {
    world.machine.manager.delayStarts(Duration.ZERO);
    world.oracle().faultEnds("delayed starts");
  }

  private void fillDisk() {
    fault("disk full", 60, this::emptyDisk);
    faults.diskFull(true);
  }

  /** The disk that programs need is mounted late. */
  private void unmount() {
    if (!unmounted) {
      unmounted = true;
      fault(Oracle.LATE_MOUNT, 60, this::mount);
      world.machine.mount(false);
    }
  }

  private void mount() {
    if (unmounted) {
      unmounted = false;
      world.machine.mount(true);
      // Whoever has waited for it tries again after a while.
      world.in(TRIED_AGAIN, () -> world.oracle().faultEnds(Oracle.LATE_MOUNT));
    }
  }

  /** The exit records of one experiment cannot be read for a while. */
  private void makeUnreadable() {
    anyId()
        .ifPresent(
            id -> {
              fault("unreadable records", 90, this::makeReadable);
              faults.unreadable(Optional.of(id));
            });
  }

  private void makeReadable() {
    faults.unreadable(Optional.empty());
    world.oracle().faultEnds("unreadable records");
  }

  private void emptyDisk() {
    faults.diskFull(false);
    world.oracle().faultEnds("disk full");
  }

  private void stopFromOutside() {
    List<String> running = world.machine.manager.running();
    if (!running.isEmpty() && world.daemon().isPresent()) {
      count("stopped from outside");
      world.stopFromOutside(running.get(random.nextInt(running.size())));
    }
  }

  private void straySignal() {
    List<String> running = world.machine.manager.running();
    if (!running.isEmpty()) {
      count("stray signal");
      SimulatedMachine.StraySignal[] signals = SimulatedMachine.StraySignal.values();
      world.machine.signal(
          running.get(random.nextInt(running.size())), signals[random.nextInt(signals.length)]);
    }
  }

  private void killManager() {
    fault("bus", 5, this::regainBus);
    count("manager killed");
    world.machine.killManager();
  }

  private void reboot() {
    if (shuttingDown) {
      return;
    }
    shuttingDown = true;
    count("reboot");
    world.oracle().faultBegins("shutdown");
    world.machine.beginShutdown();
    after(
        30,
        () -> {
          if (shuttingDown) {
            world.killDaemon();
            world.machine.manager.shutDown();
            boot();
          }
        });
  }

  private void cutPower() {
    count("power cut");
    world.killDaemon();
    world.machine.manager.powerCut();
    boot();
  }

  private void boot() {
    shuttingDown = false;
    world.booted();
    world.machine.booted();
    world.oracle().faultEnds("shutdown");
    if (random.nextInt(3) == 0) {
      world.machine.resetClock();
      after(200, () -> world.machine.setClock(Duration.ZERO));
    }
    world.in(Duration.ofMillis(20_000L + random.nextInt(60_000)), world::startDaemon);
  }
}
