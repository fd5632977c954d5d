package io.coord.scheduler.scale;

import io.coord.persistence.Experiment;
import io.coord.persistence.sqlite.SqliteLedger;
import io.coord.runner.Spec;
import io.coord.scheduler.core.Decider;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.schedule.CronTimes;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.cron.ZonedCronTimes;
import io.coord.scheduler.executor.CompositeExecutor;
import io.coord.scheduler.loop.Loop;
import io.coord.scheduler.quartz.QuartzExpression;
import io.coord.scheduler.testing.Samples;
import io.coord.thermal.Heat;
import io.coord.thermal.HeatState;
import io.coord.thermal.Thresholds;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The loop on a real ledger of {@link FilledLedger}, on a cool machine with less memory than each
 * of the waiting experiments needs: slots are free, and nothing fits. The caller is its thread.
 */
final class CoreOnLedger implements AutoCloseable {
  private static final Spec SPEC = Samples.read(request(""));
  private static final Spec UNIQUE = Samples.read(request(", 'unique_key': 'k'"));

  final State state;
  private final SqliteLedger ledger;
  private final Decider decider;
  private final Loop loop;

  CoreOnLedger(Path file) {
    ledger = SqliteLedger.open(file);
    state =
        new State(
            new RestoredState(
                ledger::eachActive,
                ledger.lastSequence(),
                Optional.of(Samples.BOOT),
                List.of(),
                List.of(),
                ledger.coordinatorState(),
                id -> ledger.find(id).map(Experiment::state),
                ledger::spec),
            RuntimeState.unknown(
                ThermalState.unknown(
                    new Heat(
                        HeatState.NORMAL,
                        Samples.START,
                        Optional.of(Duration.ZERO),
                        "cool",
                        false,
                        true,
                        Optional.empty()),
                    PowerState.unknown(Optional.empty(), 4))),
            text -> Optional.of(Samples.read(text)));
    CronTimes times = new ZonedCronTimes(ZoneOffset.UTC, QuartzExpression::parse);
    Limits.Capacity capacity = new Limits.Capacity(4, Samples.GIB / 2, new TreeMap<>());
    decider = new Decider(new Limits(capacity, Samples.GIB / 4, Thresholds.DEFAULT), times);
    loop =
        new Loop(
            state,
            decider,
            ledger,
            () -> Samples.moment(Samples.START),
            post -> new CompositeExecutor());
    happens(new Event.Resynced(Samples.BOOT, List.of(), List.of(), List.of()));
  }

  private static String request(String more) {
    return "{'command': ['x'], 'working_directory': '/', 'ram': '16M',"
        + " 'not_before': '2999-01-01T00:00:00Z'"
        + more
        + "}";
  }

  private void happens(Event event) {
    loop.post(event);
    while (loop.step()) {
      // Until nothing follows from it.
    }
  }

  void event() {
    happens(new Event.TargetSeen(false));
  }

  void healthCheck() {
    happens(new Event.HealthDue());
  }

  void enqueue() {
    enqueue(SPEC);
  }

  /** After the first time it is refused. */
  void enqueueUnique() {
    enqueue(UNIQUE);
  }

  private void enqueue(Spec spec) {
    loop.request(ticket -> new Event.EnqueueAsked(ticket, "{}", spec, "ada", new TreeMap<>()));
    loop.step();
  }

  void stop(String id) {
    loop.request(ticket -> new Event.StopAsked(ticket, id, "ada"));
    loop.step();
  }

  /** Whether an event waits; processes it. */
  boolean step() {
    return loop.step();
  }

  String why(String id) {
    return decider.why(state, state.find(id).orElseThrow(), Samples.moment(Samples.START));
  }

  Map<?, Integer> counts() {
    return state.counts();
  }

  @Override
  public void close() {
    ledger.close();
  }
}
