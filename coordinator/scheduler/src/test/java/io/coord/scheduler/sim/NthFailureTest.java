package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.testing.InMemoryLedger;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.sim.FaultPlan.InjectedFault;
import io.coord.scheduler.sim.FaultPlan.Nth;
import io.coord.scheduler.sim.oracle.LedgerAudit;
import io.coord.scheduler.sim.oracle.SimulatedProgram;
import io.coord.thermal.Thresholds;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs one small queue once for each call and each commit: that call or commit fails, or the daemon
 * dies at it. Every experiment must reach its expected end each time.
 */
class NthFailureTest {
  private static final Logger LOGGER = Logger.getLogger("io.coord");
  private static final long GIB = 1L << 30;
  private static final int MAX_CALLS = 3000;

  @BeforeAll
  static void quieten() {
    LOGGER.setLevel(Level.OFF);
  }

  @ParameterizedTest
  @EnumSource(InjectedFault.class)
  void survivesAnyCallThatFails(InjectedFault fault) {
    int k = 0;
    Nth faults;
    do {
      faults = Nth.call(++k, fault);
      InMemoryLedger[] ledger = {new InMemoryLedger()};
      runsToTheEnd(faults, fault + " at call " + k, () -> ledger[0] = ledger[0].reopen());
    } while (faults.happened() && k < MAX_CALLS);
    assertThat(k).isBetween(100, MAX_CALLS - 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = InjectedFault.class,
      names = {"REFUSED", "KILLED_BEFORE", "KILLED_AFTER"})
  void survivesAnyCommitThatFails(InjectedFault fault) {
    int k = 0;
    Nth faults;
    do {
      faults = Nth.commit(++k, fault);
      InMemoryLedger[] ledger = {new InMemoryLedger()};
      runsToTheEnd(faults, fault + " at commit " + k, () -> ledger[0] = ledger[0].reopen());
    } while (faults.happened() && k < MAX_CALLS);
    assertThat(k).isBetween(20, MAX_CALLS - 1);
  }

  @Test
  void reachesTheEndWithoutAFault() {
    InMemoryLedger[] ledger = {new InMemoryLedger()};
    runsToTheEnd(FaultPlan.NONE, "nothing", () -> ledger[0] = ledger[0].reopen());
  }

  private static void runsToTheEnd(FaultPlan faults, String what, Supplier<Ledger> open) {
    SimulatedWorld world =
        new SimulatedWorld(
            new Limits(
                new Limits.Capacity(2, 4 * GIB, new java.util.TreeMap<>()),
                GIB,
                Thresholds.DEFAULT),
            new Random(1),
            open);
    world.faults(faults);
    Duration cycle = Duration.ofSeconds(2);
    enqueue(world, "plain", SimulatedProgram.diligent(cycle, 3), 2);
    enqueue(world, "crashing", SimulatedProgram.frail(cycle, 4, 2), 3);
    enqueue(world, "broken", SimulatedProgram.broken(cycle), 1);
    enqueue(world, "liar", SimulatedProgram.liar(cycle, 3), 0);
    enqueue(world, "stopped", SimulatedProgram.diligent(Duration.ofMinutes(10), 9), 0);
    world.in(Duration.ofSeconds(8), () -> world.climate.board.set("cpu-thermal", 90));
    world.in(Duration.ofSeconds(14), () -> world.climate.board.set("cpu-thermal", 50));
    world.in(Duration.ofSeconds(50), () -> world.stop("stopped"));
    world.in(Duration.ofMinutes(4), () -> world.stop("stopped"));
    try {
      Instant begin = world.now();
      while (world.now().isBefore(begin.plus(Duration.ofMinutes(1))) || !world.isAtRest()) {
        world.step();
        assertThat(world.now()).isBefore(begin.plus(Duration.ofMinutes(30)));
      }
      Ledger ledger = world.daemon().orElseThrow().ledger;
      new LedgerAudit(world, ledger).check();
      for (String id : world.acknowledged()) {
        ExperimentState wanted =
            switch (id) {
              case "plain", "crashing" -> ExperimentState.COMPLETED;
              case "stopped" -> ExperimentState.STOPPED;
              default -> ExperimentState.FAILED;
            };
        assertThat(ledger.find(id).orElseThrow().state()).as(id).isEqualTo(wanted);
      }
      world.killDaemon();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("failed with " + what + ": " + e.getMessage(), e);
    }
  }

  private static void enqueue(SimulatedWorld world, String id, SimulatedProgram program, int max) {
    world.enqueue(SimulatedWorld.spec(id, Optional.of(id), GIB, 0, OptionalInt.of(max)), program);
  }
}
