package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Ledger;
import io.coord.persistence.Transition;
import io.coord.persistence.sqlite.SqliteLedger;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.sim.oracle.LedgerAudit;
import io.coord.scheduler.sim.oracle.SimulatedProgram;
import io.coord.thermal.Thresholds;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wall clock is a year behind when the daemon starts again, as after a dead battery. */
class ClockSetBackTest {
  private static final Logger LOGGER = Logger.getLogger("io.coord");
  private static final long GIB = 1L << 30;
  private static final Duration KEPT = Duration.ofDays(30);

  @TempDir private Path folder;

  @BeforeAll
  static void quieten() {
    LOGGER.setLevel(Level.OFF);
  }

  @Test
  void aYearBackBetweenTwoStartsBreaksNoOrderLimitOrRetention() {
    SimulatedWorld world =
        new SimulatedWorld(
            new Limits(new Limits.Capacity(1, 4 * GIB, new TreeMap<>()), GIB, Thresholds.DEFAULT),
            new Random(1),
            this::open);
    enqueue(world, "done", SimulatedProgram.diligent(Duration.ofSeconds(1), 2), "");
    enqueue(
        world,
        "limited",
        SimulatedProgram.diligent(Duration.ofHours(9), 2),
        ", 'max_duration': '60s'");
    enqueue(world, "second", SimulatedProgram.frail(Duration.ofSeconds(1), 4, 1), "");
    enqueue(world, "third", SimulatedProgram.diligent(Duration.ofSeconds(1), 2), "");
    stepUntil(world, Duration.ofSeconds(30));
    assertThat(world.states)
        .containsEntry("done", ExperimentState.COMPLETED)
        .containsEntry("limited", ExperimentState.RUNNING);

    world.killDaemon();
    world.machine.setClock(Duration.ofDays(-365));
    world.startDaemon();
    enqueue(world, "last", SimulatedProgram.diligent(Duration.ofSeconds(1), 2), "");
    stepUntil(world, Duration.ofMinutes(5));

    assertThat(world.isAtRest()).isTrue();
    Ledger ledger = world.daemon().orElseThrow().ledger;
    new LedgerAudit(world, ledger).check();
    assertThat(ledger.ended(10).stream().map(Experiment::id))
        .as("latest first")
        .containsExactly("last", "third", "second", "limited", "done");
    Experiment limited = ledger.find("limited").orElseThrow();
    assertThat(limited.state()).isEqualTo(ExperimentState.FAILED);
    assertThat(limited.counts().ran()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(62));
    List<Transition> reported = ledger.transitions("limited");
    assertThat(reported.get(reported.size() - 1).at()).isBefore(reported.get(0).at());

    world.killDaemon();
    try (Ledger again = open()) {
      assertThat(again.prune(KEPT, 10, new TreeSet<>())).as("too young").isZero();
      again.commit(List.of(new Change.TimePassed(KEPT.plusDays(1))));
      assertThat(again.prune(KEPT, 10, new TreeSet<>())).isEqualTo(5);
    }
  }

  private Ledger open() {
    return SqliteLedger.open(folder.resolve("ledger.db"));
  }

  private static void stepUntil(SimulatedWorld world, Duration later) {
    Instant end = world.now().plus(later);
    while (world.now().isBefore(end)) {
      world.step();
    }
  }

  private static void enqueue(
      SimulatedWorld world, String id, SimulatedProgram program, String fields) {
    world.enqueue(SimulatedWorld.asked(id, Optional.of(id), GIB, 0, fields), program);
  }
}
