package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The oracle asks nothing of what it judges. Test classes of other modules are not seen by the
 * other architecture tests, so this one reads the sources.
 */
class OracleArchitectureTest {
  private static final Path SIMULATION = Path.of("src/test/java/io/coord/scheduler/sim");

  /** Any name in the scheduler but those of the oracle itself. */
  private static final Pattern OF_THE_SCHEDULER =
      Pattern.compile("io\\.coord\\.scheduler\\.(?!sim\\.oracle\\b)\\w+");

  private static List<String> dependents(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(OracleArchitectureTest::namesTheScheduler)
          .map(file -> file.getFileName().toString())
          .toList();
    }
  }

  private static boolean namesTheScheduler(Path file) {
    try {
      return OF_THE_SCHEDULER.matcher(Files.readString(file)).find();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void theOracleKnowsNothingOfTheScheduler() throws IOException {
    assertThat(SIMULATION.resolve("oracle/Oracle.java")).exists();
    assertThat(dependents(SIMULATION.resolve("oracle"))).isEmpty();
  }

  @Test
  void theSimulationAroundItDoes() throws IOException {
    assertThat(dependents(SIMULATION)).contains("SimulatedDaemon.java");
  }
}
