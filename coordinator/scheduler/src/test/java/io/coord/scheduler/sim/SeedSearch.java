package io.coord.scheduler.sim;

import io.coord.scheduler.sim.FaultPlan.InjectedFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Simulates one seed after the other and stops at the first that fails; for {@code
 * script/plant-bugs} and for long searches. Prints one line: test, place, steps, seconds and the
 * failure, separated by tabs. Exit code 0 if a failure was found, 1 if not.
 *
 * <p>Called with the first and last seed, or with "nth" for the k-th failures.
 */
final class SeedSearch {
  private static final Logger LOGGER = Logger.getLogger("io.coord");

  private final long begin = System.nanoTime();
  private long steps;

  private SeedSearch() {}

  public static void main(String[] args) throws IOException {
    LOGGER.setLevel(Level.OFF);
    SeedSearch search = new SeedSearch();
    boolean found =
        args[0].equals("nth")
            ? search.nthFailures()
            : search.seeds(Long.parseLong(args[0]), Long.parseLong(args[1]));
    if (!found) {
      search.say("nothing", "", null);
    }
    System.exit(found ? 0 : 1);
  }

  private boolean seeds(long from, long to) throws IOException {
    Path folder = SimulationTest.InMemory.make();
    for (long seed = from; seed <= to; seed++) {
      Path file = folder.resolve("ledger-" + seed + ".db");
      Simulation simulation = new Simulation(seed, folder);
      try {
        simulation.run();
        steps += simulation.steps();
      } catch (RuntimeException | Error e) {
        steps += simulation.steps();
        say("SimulationTest", "seed " + seed, e);
        return true;
      } finally {
        for (String end : new String[] {"", "-wal", "-shm"}) {
          Files.deleteIfExists(file.resolveSibling(file.getFileName() + end));
        }
      }
    }
    return false;
  }

  private boolean nthFailures() {
    NthFailureTest test = new NthFailureTest();
    try {
      test.reachesTheEndWithoutAFault();
      for (InjectedFault fault : InjectedFault.values()) {
        test.survivesAnyCallThatFails(fault);
        if (fault != InjectedFault.ANSWER_LOST) {
          test.survivesAnyCommitThatFails(fault);
        }
      }
      return false;
    } catch (RuntimeException | Error e) {
      String place =
          String.valueOf(e.getMessage()).replaceFirst("(?s)failed with ([^:]*):.*", "$1");
      say("NthFailureTest", place, e);
      return true;
    }
  }

  private void say(String test, String place, @Nullable Throwable problem) {
    String words = problem == null ? "" : String.valueOf(problem.getMessage());
    System.out.printf(
        Locale.ROOT,
        "%s\t%s\t%d\t%.1f\t%s%n",
        test,
        place,
        steps,
        (System.nanoTime() - begin) / 1_000_000_000.0,
        words.strip().replaceAll("\\s+", " "));
  }
}
