package io.coord.scheduler.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Many lives, each from a seed. {@code -Dcoord.seed=N} replays one, {@code -Dcoord.seeds=FROM..TO}
 * lives others.
 */
class SimulationTest {
  private static final Logger LOGGER = Logger.getLogger("io.coord");

  @TempDir(factory = InMemory.class)
  Path folder;

  /**
   * The ledger flushes each commit. Here that is only a wait: no life ends with the power of this
   * machine.
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
  void everythingEndsAsItShould() {
    String seeds = System.getProperty("coord.seeds", "1..200");
    long from = Long.parseLong(seeds.substring(0, seeds.indexOf("..")));
    long to = Long.parseLong(seeds.substring(seeds.indexOf("..") + 2));
    Long one = Long.getLong("coord.seed");
    long begin = System.nanoTime();
    long steps = 0;
    for (long seed = one == null ? from : one; seed <= (one == null ? to : one); seed++) {
      steps += live(seed);
    }
    System.out.printf("%d steps in %.1f s%n", steps, (System.nanoTime() - begin) / 1_000_000_000.0);
  }

  private long live(long seed) {
    SimulatedLife life = new SimulatedLife(seed, folder);
    try {
      life.live();
      return life.steps();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          "seed %d: %s%nreplay: mvn -pl coordinator -am test -Dtest=SimulationTest#everythingEndsAsItShould -Dsurefire.failIfNoSpecifiedTests=false -Dcoord.seed=%d"
              .formatted(seed, e.getMessage(), seed),
          e);
    }
  }

  @Test
  void theSameSeedLivesTheSameLife(@TempDir(factory = InMemory.class) Path another) {
    for (long seed = 1; seed <= 10; seed++) {
      List<String> once = new SimulatedLife(seed, folder).live();
      assertThat(new SimulatedLife(seed, another).live()).as("seed " + seed).isEqualTo(once);
    }
  }
}
