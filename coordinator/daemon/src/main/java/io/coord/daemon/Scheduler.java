package io.coord.daemon;

import io.coord.persistence.Experiment;
import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.runner.json.SpecReader;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.cron.ZonedCronTimes;
import io.coord.scheduler.executor.CompositeExecutor;
import io.coord.scheduler.executor.SliceBudget;
import io.coord.scheduler.executor.UnitExecutor;
import io.coord.scheduler.loop.Loop;
import io.coord.scheduler.loop.TransitionLog;
import io.coord.scheduler.quartz.QuartzExpression;
import io.coord.thermal.Heat;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loop with its thread, and the executor of units with two of its own. */
final class Scheduler {

  private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

  /** The whole stop has five seconds, see {@link DaemonMain}. */
  private static final Duration LAST_OBSERVATION = Duration.ofMillis(4500);

  /** Of that, for looks at the evidence of runs that have ended with success. */
  private static final Duration LAST_LOOKS = Duration.ofMillis(1500);

  private final LookPool looks;
  private final Limits limits;
  private final Decider decider;
  private final SpecReader specReader = new SpecReader();
  private final Loop loop;
  private final CompositeExecutor executors = new CompositeExecutor();
  private final SystemdConnection systemd;
  private final ExecutorService unitThread;
  private final Thread loopThread;
  private final int restoredExperiments;
  private final List<String> restoredActive;

  private Scheduler(
      DaemonContext context, Stores stores, SystemdConnection systemd, LaunchEnvironment launch) {
    Clocks clocks = context.clocks();
    Settings.Capacity capacity = context.settings().capacity();
    this.limits = limits(context.settings());
    this.decider =
        new Decider(limits, new ZonedCronTimes(ZoneId.systemDefault(), QuartzExpression::parse));
    this.systemd = systemd;
    LeftoversOnDisk leftovers =
        new LeftoversOnDisk(context.paths().state(), context.paths().units());
    State state = restored(stores, clocks, leftovers);
    this.restoredExperiments = state.experiments().size();
    this.restoredActive = state.active().stream().map(Experiment::id).toList();
    this.looks = launch.looks();
    this.unitThread = context.lifecycle().thread("unit-executor");
    UnitExecutor.Lanes lanes =
        new UnitExecutor.Lanes(context.lifecycle().thread("urgent-executor"), unitThread);
    UnitExecutor.Parts parts =
        new UnitExecutor.Parts(
            systemd.manager(),
            systemd.files(),
            launch.runner(),
            launch.directories(),
            launch.instances(),
            launch.accounts(),
            new SliceBudget(
                OptionalLong.of(capacity.ramBytes()), new TreeSet<>(capacity.cores().numbers())),
            new UnitExecutor.Stored(stores.ledger().id(), this::spec));
    this.loop =
        new Loop(
            state,
            decider,
            stores.ledger(),
            leftovers,
            clocks::now,
            post -> {
              UnitExecutor units =
                  new UnitExecutor(parts, context.host()::bootId, lanes, launch.looks(), post);
              systemd.manager().watch(ExperimentUnits.PATTERN, units);
              return executors.units(units::carryOut);
            });
    loop.listen(new TransitionLog());
    SuspectFile suspect = new SuspectFile(context.paths().state());
    loop.atEndByError(suspect::remember);
    suspect.take().ifPresent(id -> state.setAside(id, SuspectFile.WHY));
    this.loopThread = new Thread(loop::run, "loop");
  }

  static Scheduler open(
      DaemonContext context, Stores stores, SystemdConnection systemd, LaunchEnvironment launch) {
    return new Scheduler(context, stores, systemd, launch);
  }

  private static Limits limits(Settings settings) {
    return new Limits(
        new Limits.Capacity(
            settings.capacity().slots(),
            settings.capacity().ramBytes(),
            settings.capacity().groupSlots()),
        new Limits.Defaults(settings.defaults().ramBytes(), settings.defaults().cpuQuotaPercent()),
        new Limits.HeatLimits(
            settings.thermal().thresholds(),
            settings.intervals().temperature(),
            settings.thermal().emergencyStop(),
            settings.thermal().startInterval()),
        settings.capacity().memoryReservedAfter(),
        settings.queue());
  }

  private State restored(Stores stores, Clocks clocks, LeftoversOnDisk leftovers) {
    RestoredState restored = stores.restored().notBefore(leftovers.largestNumber());
    for (Schedule schedule : restored.schedules()) {
      decider
          .times()
          .problem(schedule.cron())
          .ifPresent(
              problem ->
                  LOG.warn(
                      "schedule '{}' does not run: cron expression '{}': {}; replace it with 'coord"
                          + " unschedule' and 'coord schedule'",
                      schedule.id(),
                      schedule.cron(),
                      problem));
    }
    return new State(
        restored,
        RuntimeState.unknown(
            ThermalState.unknown(
                Heat.unknown(clocks.now().wall()),
                PowerState.unknown(
                    restored.powerBefore(), Runtime.getRuntime().availableProcessors()),
                restored.coordinator().throttledFrom())),
        this::spec);
  }

  /** A stored spec; empty for one that this version cannot read. */
  private Optional<Spec> spec(String text) {
    return specReader.read(text) instanceof Validated.Valid<Spec> valid
        ? Optional.of(valid.value())
        : Optional.empty();
  }

  /** Starts the loop, with a comparison of the ledger with systemd. */
  void start(Lifecycle lifecycle) {
    loopThread.start();
    lifecycle.started("the loop", this::stop);
    loop.post(new Event.ManagerFound());
  }

  private void stop() throws InterruptedException {
    loop.close();
    loopThread.join();
  }

  /** Waits until the loop ends. */
  void join() throws InterruptedException {
    loopThread.join();
  }

  /**
   * Observes the experiments once more if their target is being stopped. systemd stops them before
   * the coordinator; their last ends may not be stored yet, and the next coordinator could not tell
   * why they ended.
   */
  void observeStoppedTarget() throws InterruptedException, ExecutionException, TimeoutException {
    if (loopThread.isAlive() && systemd.manager().isStopping(ExperimentUnits.TARGET)) {
      long end = System.nanoTime() + LAST_OBSERVATION.toNanos();
      loop.post(new Event.HealthDue());
      step(loop.ask(State::draining), end);
      step(unitThread.submit(() -> {}), end);
      // What claims success is observed once more, with a look at its evidence.
      step(loop.ask(State::draining), end);
      step(unitThread.submit(() -> {}), end);
      looks.awaitQuiet(LAST_LOOKS.toMillis());
      step(unitThread.submit(() -> {}), end);
      step(loop.ask(State::draining), end);
    }
  }

  private static void step(Future<?> step, long end)
      throws InterruptedException, ExecutionException, TimeoutException {
    step.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  Loop loop() {
    return loop;
  }

  Decider decider() {
    return decider;
  }

  Limits limits() {
    return limits;
  }

  SpecReader specReader() {
    return specReader;
  }

  /** Carries out all effects; further executors may be added until the start. */
  CompositeExecutor executors() {
    return executors;
  }

  /** The experiments that were active when the coordinator before ended. */
  List<String> active() {
    return restoredActive;
  }

  /** How many experiments were restored that have not ended. */
  int restoredExperiments() {
    return restoredExperiments;
  }
}
