package io.coord.scheduler.sim;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.runner.Spec;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.executor.CompositeExecutor;
import io.coord.scheduler.executor.InstanceSpecFactory;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.scheduler.executor.SliceBudget;
import io.coord.scheduler.executor.UnitExecutor;
import io.coord.scheduler.executor.UserAccounts;
import io.coord.scheduler.loop.DependencyOutcomes;
import io.coord.scheduler.loop.Loop;
import io.coord.scheduler.loop.TransitionListener;
import io.coord.thermal.Heat;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One life of the daemon, wired as the real one is, but with the test's thread as its loop and a
 * queue that the simulation works off.
 */
final class SimulatedDaemon {
  final Ledger ledger;
  final State state;
  final Loop loop;
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  SimulatedDaemon(
      SimulatedMachine machine,
      Ledger opened,
      Limits limits,
      Supplier<FaultPlan> faults,
      Function<String, Optional<Spec>> specs,
      Consumer<List<Change>> stored,
      TransitionListener listener,
      Consumer<String> stops,
      Consumer<Duration> lasting) {
    ledger = FaultyLedger.around(opened, faults, stored);
    state =
        new State(
            new RestoredState(
                ledger.active(),
                ledger.lastSequence(),
                ledger.lastBoot(),
                ledger.schedules(),
                ledger.groups(),
                ledger.coordinatorState(),
                id -> ledger.find(id).map(Experiment::state)),
            RuntimeState.unknown(
                ThermalState.unknown(
                    Heat.unknown(machine.moment().wall()),
                    PowerState.unknown(Optional.empty(), 4))),
            specs);
    FaultyManager manager = new FaultyManager(machine.manager, faults, stops, lasting);
    FaultyFiles files = new FaultyFiles(machine, faults, lasting);
    loop =
        new Loop(
            state,
            new Decider(limits, ScheduleInvariants::next),
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
                          new SliceBudget(OptionalLong.of(8L << 30), new TreeSet<>(List.of(1, 2)))),
                      machine.manager::bootId,
                      tasks::add,
                      post);
              manager.watch(ExperimentUnits.PATTERN, executor);
              return new CompositeExecutor().units(executor::carryOut);
            });
    loop.listen(
        transition -> {
          try {
            listener.transitionStored(transition);
          } catch (RuntimeException e) {
            throw new AssertionError("the check of a transition failed", e);
          }
        });
    loop.post(new Event.ManagerFound());
  }

  /** Runs one task of the executor; whether there was one. */
  boolean handle() {
    Runnable task = tasks.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  SortedMap<String, Optional<ExperimentState>> endsFor(Spec spec) {
    return DependencyOutcomes.of(ledger, spec);
  }

  boolean hasTasks() {
    return !tasks.isEmpty();
  }
}
