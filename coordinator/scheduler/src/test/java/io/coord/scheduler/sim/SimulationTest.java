package io.coord.scheduler.sim;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Simulates the whole coordinator with many seeds. {@code -Dcoord.seed=N} replays one seed, {@code
 * -Dcoord.seeds=FROM..TO} runs others. Reports each seed that fails, with the command that replays
 * it.
 */
class SimulationTest {
  private static final Logger LOGGER = Logger.getLogger("io.coord");

  private static final String REPLAY =
      "mvn -pl coordinator/scheduler -am test"
          + " -Dtest=SimulationTest#everyExperimentReachesItsExpectedEnd"
          + " -Dsurefire.failIfNoSpecifiedTests=false";

  /** What must have happened so often at least, over all seeds of the build. */
  private static final Map<String, Integer> FLOORS =
      Map.ofEntries(
          entry("bus", 150),
          entry("signals", 100),
          entry("delayed starts", 100),
          entry("disk full", 25),
          entry("manager killed", 60),
          entry("slow call", 40),
          entry("stray signal", 30),
          entry("stopped from outside", 10),
          entry("call REFUSED", 150),
          entry("call ANSWER_LOST", 150),
          entry("call KILLED_BEFORE", 40),
          entry("call KILLED_AFTER", 40),
          entry("commit REFUSED", 100),
          entry("commit KILLED_BEFORE", 4),
          entry("commit KILLED_AFTER", 4),
          entry("ledger read REFUSED", 10),
          entry("killed", 100),
          entry("killed at a queued start", 40),
          entry("upgrade", 100),
          entry("reboot", 30),
          entry("power cut", 30),
          entry("plague", 30),
          entry("climate", 25),
          entry("command held", 2),
          entry("drained", 60),
          entry("frozen", 2),
          entry("thawed", 2),
          entry("heat is CRITICAL", 80),
          entry("heat is THROTTLED", 80),
          entry("CPU limit N %", 150),
          entry("asks for a power mode", 250),
          entry("switch fails", 20),
          entry("power mode 'MODE_NW' (N)", 60),
          entry("taken over: power mode 'MODE_NW' (N)", 8),
          entry("taken over: CPU limit N %", 10),
          entry("run ended by EXIT_CODE", 250),
          entry("run ended by SIGNAL", 400),
          entry("run ended by OUT_OF_MEMORY", 100),
          entry("run ended by NO_PROGRESS", 60),
          entry("run ended by WATCHDOG", 100),
          entry("run ended by TIME_LIMIT", 25),
          entry("run ended by OPERATOR", 80),
          entry("run ended by HEAT", 15),
          entry("run ended by REBOOT", 5),
          entry("run ended by POWER_CUT", 4),
          entry("run ended by LOST", 8),
          entry("run ended by SUCCESS", 300),
          entry("state COMPLETED", 300),
          entry("state FAILED", 400),
          entry("state STOPPED", 150),
          entry("state HELD", 50),
          entry("state COOLING", 40),
          entry("state RESTARTING", 600),
          entry("state STOPPING", 300));

  @TempDir(factory = InMemory.class)
  Path folder;

  /**
   * The ledger flushes each commit. Here that only takes time: no simulation ends with a power cut
   * of this machine.
   */
  static final class InMemory implements TempDirFactory {
    private static final Path MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
        throws IOException {
      return make();
    }

    static Path make() throws IOException {
      return Files.isWritable(MEMORY)
          ? Files.createTempDirectory(MEMORY, "coord")
          : Files.createTempDirectory("coord");
    }
  }

  @BeforeAll
  static void quieten() {
    if (Long.getLong("coord.seed") == null) {
      LOGGER.setLevel(Level.OFF);
    }
  }

  @Test
  void everyExperimentReachesItsExpectedEnd() {
    String seeds = System.getProperty("coord.seeds", "1..160");
    long from = Long.parseLong(seeds.substring(0, seeds.indexOf("..")));
    long to = Long.parseLong(seeds.substring(seeds.indexOf("..") + 2));
    Long one = Long.getLong("coord.seed");
    long begin = System.nanoTime();
    long steps = 0;
    Counters counters = new Counters();
    List<AssertionError> failures = new ArrayList<>();
    for (long seed = one == null ? from : one; seed <= (one == null ? to : one); seed++) {
      Simulation simulation = new Simulation(seed, folder);
      try {
        simulation.run();
      } catch (RuntimeException | AssertionError e) {
        failures.add(failure(seed, e));
      }
      steps += simulation.steps();
      counters.addAll(simulation.counters());
    }
    System.out.printf("%d steps in %.1f s%n", steps, (System.nanoTime() - begin) / 1_000_000_000.0);
    counters.all().forEach((what, count) -> System.out.printf("%8d  %s%n", count, what));
    throwAll(failures);
    if (one == null && to - from >= 159) {
      assertThat(FLOORS.entrySet().stream().filter(e -> counters.of(e.getKey()) < e.getValue()))
          .as("happened too seldom: %s", counters.all())
          .isEmpty();
    }
  }

  private static AssertionError failure(long seed, Throwable problem) {
    return new AssertionError(
        "seed %d: %s%nreplay: %s -Dcoord.seed=%d"
            .formatted(seed, problem.getMessage(), REPLAY, seed),
        problem);
  }

  /**
   * Throws one error that names each failure; its stack trace and causes are those of the first.
   */
  private static void throwAll(List<AssertionError> failures) {
    if (failures.isEmpty()) {
      return;
    }
    AssertionError all =
        new AssertionError(
            failures.stream()
                .map(Throwable::getMessage)
                .collect(Collectors.joining("\n\n", failures.size() + " seeds fail:\n", "")),
            failures.get(0));
    failures.stream().skip(1).forEach(all::addSuppressed);
    throw all;
  }

  @Test
  void eachSeedThatFailsIsReported() {
    List<AssertionError> failures =
        List.of(
            failure(3, new IllegalStateException("lost 'a'")),
            failure(17, new AssertionError("ran twice")));
    assertThatThrownBy(() -> throwAll(failures))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("2 seeds fail")
        .hasMessageContaining("seed 3: lost 'a'")
        .hasMessageContaining("seed 17: ran twice")
        .hasMessageContaining("-Dcoord.seed=3")
        .hasMessageContaining("-Dcoord.seed=17");
    throwAll(List.of());
  }

  @Test
  void theSameSeedGivesTheSameHistory(@TempDir(factory = InMemory.class) Path another) {
    for (long seed = 1; seed <= 10; seed++) {
      List<String> once = new Simulation(seed, folder).run();
      assertThat(new Simulation(seed, another).run()).as("seed " + seed).isEqualTo(once);
    }
  }
}
