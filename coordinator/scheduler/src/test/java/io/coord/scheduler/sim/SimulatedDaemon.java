package io.coord.scheduler.sim;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.runner.Spec;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.executor.CompositeExecutor;
import io.coord.scheduler.executor.InstanceSpecFactory;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.scheduler.executor.PowerModeExecutor;
import io.coord.scheduler.executor.SliceBudget;
import io.coord.scheduler.executor.UnitExecutor;
import io.coord.scheduler.executor.UserAccounts;
import io.coord.scheduler.loop.DependencyOutcomes;
import io.coord.scheduler.loop.Loop;
import io.coord.thermal.Heat;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One life of the daemon, wired as the real one is, but with the test's thread as its loop and a
 * queue that the simulation works off.
 */
final class SimulatedDaemon {
  private static final int READ_MILLIS = 200;
  private static final int SWITCH_MILLIS = 9_000;

  private final SimulatedWorld world;
  final Ledger ledger;
  final State state;
  final Loop loop;
  private @Nullable PowerModeExecutor power;
  private int powerModeTaskMillis = READ_MILLIS;
  private Optional<Integer> switchingTo = Optional.empty();
  private final Lane urgent = new Lane();
  private final Lane tasks = new Lane();

  /** The tasks of one thread. While one of them waits for a call, the other threads go on. */
  private static final class Lane {
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean busy;

    void add(Runnable task) {
      waiting.add(task);
    }

    boolean hasTasks() {
      return !busy && !waiting.isEmpty();
    }

    boolean handle() {
      if (!hasTasks()) {
        return false;
      }
      busy = true;
      try {
        waiting.remove().run();
      } finally {
        busy = false;
      }
      return true;
    }
  }

  /**
   * Begins a life on what is there.
   *
   * @param opened the ledger, as the life before has left it
   */
  SimulatedDaemon(SimulatedWorld world, Ledger opened) {
    this.world = world;
    SimulatedMachine machine = world.machine;
    ledger = FaultyLedger.around(opened, world::faults, world::stored);
    RestoredState restored =
        new RestoredState(
            ledger::eachActive,
            ledger.lastSequence(),
            ledger.lastBoot(),
            ledger.schedules(),
            ledger.breakers(),
            ledger.coordinatorState(),
            id -> ledger.find(id).map(Experiment::state),
            id -> ledger.spec(id));
    state =
        new State(
            restored,
            RuntimeState.unknown(
                ThermalState.unknown(
                    Heat.unknown(machine.moment().wall()),
                    PowerState.unknown(restored.powerBefore(), SimulatedClimate.CORES),
                    restored.coordinator().throttledFrom())),
            world::spec);
    FaultyManager manager =
        new FaultyManager(machine.manager, world::faults, world::noteStop, world::lasts);
    FaultyFiles files = new FaultyFiles(machine, world::faults, world::lasts);
    loop =
        new Loop(
            state,
            new Decider(world.limits, ScheduleInvariants::next),
            ledger,
            machine::moment,
            post -> {
              UnitExecutor executor =
                  new UnitExecutor(
                      new UnitExecutor.Parts(
                          manager,
                          files,
                          machine,
                          machine,
                          new InstanceSpecFactory(Optional.empty(), OutputDestination.FILE),
                          UserAccounts.ONE_USERS,
                          new SliceBudget(OptionalLong.of(8L << 30), new TreeSet<>(List.of(1, 2))),
                          new UnitExecutor.Stored(ledger.id(), world::spec)),
                      machine.manager::bootId,
                      new UnitExecutor.Lanes(urgent::add, tasks::add),
                      (owner, look) -> {
                        tasks.add(look);
                        return true;
                      },
                      post);
              PowerModeExecutor modes =
                  new PowerModeExecutor(
                      world.climate.modes,
                      () -> SimulatedClimate.CORES,
                      task -> world.powerModeTask(powerModeTaskMillis, task),
                      post);
              power = modes;
              manager.watch(ExperimentUnits.PATTERN, executor);
              return new CompositeExecutor()
                  .units(executor::carryOut)
                  .powerMode(effect -> beginSwitch(modes, effect))
                  .sensors(effect -> world.readZonesIn(effect.time()))
                  .telemetry(
                      effect ->
                          world.counters.count(effect.step().what().replaceAll("[0-9]+", "N")));
            });
    loop.post(new Event.ManagerFound());
  }

  /** A switch takes some seconds. */
  private void beginSwitch(PowerModeExecutor modes, Effect.SwitchPowerMode effect) {
    switchingTo = Optional.of(effect.to().id());
    powerModeTaskMillis = SWITCH_MILLIS;
    modes.carryOut(effect);
    powerModeTaskMillis = READ_MILLIS;
  }

  /** Ends a switch that is under way, which nobody is told. */
  void switchAtOnce() {
    if (state.runtime().thermalState().power().asked().isPresent()) {
      switchingTo.ifPresent(world.climate.modes::switchTo);
    }
  }

  /** Sees a power mode that somebody else has set. */
  void checkPowerMode() {
    if (power != null) {
      power.checkForChange();
    }
  }

  /**
   * Runs one task of a lane that does not wait for a call.
   *
   * @param urgentFirst which lane goes on if both can
   * @return whether there was one
   */
  boolean handle(boolean urgentFirst) {
    return urgentFirst ? urgent.handle() || tasks.handle() : tasks.handle() || urgent.handle();
  }

  SortedMap<String, Optional<ExperimentState>> endsFor(Spec spec) {
    if (!spec.ordering().dependencies().isEmpty() && world.faults().ledgerRead().isPresent()) {
      throw new LedgerException("cannot read the ledger: input/output error", null);
    }
    return DependencyOutcomes.of(ledger, spec);
  }

  boolean hasTasks() {
    return urgent.hasTasks() || tasks.hasTasks();
  }
}
