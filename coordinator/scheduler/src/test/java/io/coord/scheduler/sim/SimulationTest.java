package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    String seeds = System.getProperty("coord.seeds", "1..200");
    long from = Long.parseLong(seeds.substring(0, seeds.indexOf("..")));
    long to = Long.parseLong(seeds.substring(seeds.indexOf("..") + 2));
    Long one = Long.getLong("coord.seed");
    long begin = System.nanoTime();
    long steps = 0;
    List<AssertionError> failures = new ArrayList<>();
    for (long seed = one == null ? from : one; seed <= (one == null ? to : one); seed++) {
      Simulation simulation = new Simulation(seed, folder);
      try {
        simulation.run();
      } catch (RuntimeException | AssertionError e) {
        failures.add(failure(seed, e));
      }
      steps += simulation.steps();
    }
    System.out.printf("%d steps in %.1f s%n", steps, (System.nanoTime() - begin) / 1_000_000_000.0);
    throwAll(failures);
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
