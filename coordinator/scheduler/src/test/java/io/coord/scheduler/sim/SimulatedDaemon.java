package io.coord.scheduler.sim;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.runner.Spec;
import io.coord.scheduler.core.Climate;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.Event;
import io.coord.scheduler.core.Limits;
import io.coord.scheduler.core.Power;
import io.coord.scheduler.core.Remembered;
import io.coord.scheduler.core.State;
import io.coord.scheduler.core.Surroundings;
import io.coord.scheduler.core.Units;
import io.coord.scheduler.loop.Accounts;
import io.coord.scheduler.loop.Ends;
import io.coord.scheduler.loop.Instances;
import io.coord.scheduler.loop.Loop;
import io.coord.scheduler.loop.OutputTo;
import io.coord.scheduler.loop.SliceBudget;
import io.coord.scheduler.loop.UnitHands;
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
 * queue that the test empties as its hands.
 */
final class SimulatedDaemon {
  final Ledger ledger;
  final State state;
  final Loop loop;
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  SimulatedDaemon(
      Machine machine,
      Ledger opened,
      Limits limits,
      Supplier<Faults> faults,
      Function<String, Optional<Spec>> specs,
      Consumer<List<Change>> stored,
      Consumer<Change.Moved> listener,
      Consumer<String> stops,
      Consumer<Duration> lasting) {
    ledger = FaultyLedger.around(opened, faults, stored);
    state =
        new State(
            new Remembered(
                ledger.active(),
                ledger.lastSequence(),
                ledger.lastBoot(),
                ledger.schedules(),
                ledger.groups(),
                ledger::note,
                id -> ledger.find(id).map(Experiment::state)),
            Surroundings.unknown(
                Climate.unknown(
                    Heat.unknown(machine.moment().wall()), Power.unknown(Optional.empty(), 4))),
            specs);
    FaultyManager manager = new FaultyManager(machine.manager, faults, stops, lasting);
    FaultyFiles files = new FaultyFiles(machine, faults, lasting);
    loop =
        new Loop(
            state,
            new Decider(limits, Schedules::next),
            ledger,
            machine::moment,
            post -> {
              UnitHands hands =
                  new UnitHands(
                      new UnitHands.Parts(
                          manager,
                          files,
                          machine,
                          machine,
                          new Instances(Optional.empty(), OutputTo.FILE),
                          Accounts.ONE_USERS,
                          new SliceBudget(OptionalLong.of(8L << 30), new TreeSet<>(List.of(1, 2)))),
                      machine.manager::bootId,
                      tasks::add,
                      post);
              manager.watch(Units.PATTERN, hands);
              return hands;
            });
    loop.listen(listener);
    loop.post(new Event.ManagerFound());
  }

  /** Does one thing with the hands; whether there was one. */
  boolean handle() {
    Runnable task = tasks.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  SortedMap<String, Optional<ExperimentState>> endsFor(Spec spec) {
    return Ends.of(ledger, spec);
  }

  boolean handsAreFull() {
    return !tasks.isEmpty();
  }
}
