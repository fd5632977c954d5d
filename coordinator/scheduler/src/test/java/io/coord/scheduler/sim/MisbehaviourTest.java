package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.testing.InMemoryLedger;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.sim.oracle.LedgerAudit;
import io.coord.scheduler.sim.oracle.Rule;
import io.coord.scheduler.sim.oracle.SimulatedProgram;
import io.coord.scheduler.sim.oracle.Violation;
import io.coord.systemd.RunContext;
import io.coord.systemd.testing.SimulatedServiceManager.Misbehaviour;
import io.coord.thermal.Thresholds;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A systemd that does wrong is noticed: the simulation is not content with everything. */
class MisbehaviourTest {
  private static final Logger LOGGER = Logger.getLogger("io.coord");
  private static final long GIB = 1L << 30;

  private final InMemoryLedger[] stored = {new InMemoryLedger()};
  private final SimulatedWorld world =
      new SimulatedWorld(
          new Limits(new Limits.Capacity(2, 4 * GIB, new TreeMap<>()), GIB, Thresholds.DEFAULT),
          new Random(1),
          () -> stored[0] = stored[0].reopen());

  @BeforeAll
  static void quieten() {
    LOGGER.setLevel(Level.OFF);
  }

  private void enqueue(String id, SimulatedProgram program) {
    world.enqueue(SimulatedWorld.spec(id, Optional.of(id), GIB, 0, OptionalInt.of(2)), program);
  }

  private void pass(Duration time) {
    Instant end = world.now().plus(time);
    while (world.now().isBefore(end)) {
      world.step();
    }
  }

  private Rule broken(Runnable life) {
    Violation violation = catchThrowableOfType(Violation.class, life::run);
    assertThat(violation).as("what is broken").isNotNull();
    return violation.rule();
  }

  @Test
  void aSecondProcessIsNoticed() {
    world.machine.manager.misbehave(Misbehaviour.STARTS_TWICE);
    enqueue("twice", SimulatedProgram.diligent(Duration.ofSeconds(5), 3));
    assertThat(broken(() -> pass(Duration.ofMinutes(1)))).isEqualTo(Rule.TWICE_AT_ONCE);
  }

  @Test
  void aProcessThatOutlivesTheEmergencyStopIsNoticed() {
    enqueue("late", SimulatedProgram.idle());
    pass(Duration.ofSeconds(50));
    world.machine.manager.misbehave(Misbehaviour.KILLS_LATE);
    world.machine.manager.misbehave(Misbehaviour.IGNORES_KILL);
    world.climate.board.set("cpu-thermal", 90);
    assertThat(broken(() -> pass(Duration.ofMinutes(2)))).isEqualTo(Rule.CRITICAL_STOP);
  }

  @Test
  void aStopThatIsNotObeyedIsNoticed() {
    enqueue("late", SimulatedProgram.idle());
    pass(Duration.ofSeconds(50));
    world.machine.manager.misbehave(Misbehaviour.KILLS_LATE);
    world.stop("late");
    assertThat(broken(() -> pass(Duration.ofMinutes(4)))).isIn(Rule.STOP_OBEYED, Rule.STUCK);
  }

  @Test
  void aFailureThatIsRecordedAsASuccessIsNoticed() {
    world.machine.manager.misbehave(Misbehaviour.WRONG_RESULT);
    enqueue("wrong", SimulatedProgram.frail(Duration.ofSeconds(1), 3, 1));
    pass(Duration.ofMinutes(2));
    Ledger ledger = world.daemon().orElseThrow().ledger;
    assertThat(broken(() -> new LedgerAudit(world, ledger).check())).isEqualTo(Rule.RUN_KIND);
  }

  /** This one the coordinator must get over: the start is tried again. */
  @Test
  void aLostStartIsTriedAgain() {
    world.machine.manager.misbehave(Misbehaviour.LOSES_A_START);
    enqueue("lost", SimulatedProgram.diligent(Duration.ofSeconds(1), 3));
    pass(Duration.ofMinutes(2));
    assertThat(world.states).containsEntry("lost", ExperimentState.COMPLETED);
  }

  @Test
  void aRunThatIsToldAWrongNumberIsNoticed() {
    enqueue("told", SimulatedProgram.frail(Duration.ofSeconds(1), 3, 1));
    while (world.states.get("told") != ExperimentState.RUNNING) {
      world.step();
    }
    world.killDaemon();
    world.machine.updateContext("told", new RunContext(Map.of("COORD_RUN", "7"), 0));
    assertThat(broken(() -> pass(Duration.ofMinutes(1)))).isEqualTo(Rule.RUN_CONTEXT);
  }
}
