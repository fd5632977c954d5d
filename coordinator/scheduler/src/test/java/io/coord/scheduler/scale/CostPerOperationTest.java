package io.coord.scheduler.scale;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operation costs does not depend on how many experiments wait or have ended. Counted is
 * what it allocates: that is the same on each machine, and nothing is read or compared in Java
 * without it. The times are in {@link ScaleBench}.
 */
class CostPerOperationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final List<Integer> SIZES = List.of(10, 1_000, 20_000);

  /** What a longer path through a tree, or longer ids, may allocate. */
  private static final long TOLERANCE_BYTES = 4_096;

  @TempDir private Path folder;

  @Test
  void anEventThatStartsNothingLooksAtNoExperimentThatWaits() throws Exception {
    isTheSameForEachSize(CoreOnLedger::event);
  }

  @Test
  void aHealthCheckLooksAtNoExperimentThatWaits() throws Exception {
    isTheSameForEachSize(CoreOnLedger::healthCheck);
  }

  @Test
  void anEnqueueWithAUniqueKeyLooksAtNoOtherExperiment() throws Exception {
    isTheSameForEachSize(CoreOnLedger::enqueueUnique);
  }

  @Test
  void theReasonOfOneIsFoundWithoutTheOthers() throws Exception {
    isTheSameForEachSize(core -> core.why("exp-15"));
  }

  @Test
  void theOverviewCountsNothing() throws Exception {
    isTheSameForEachSize(CoreOnLedger::counts);
  }

  /** Each turn of the loop is a piece of it, after which other events have their turn. */
  @Test
  void thousandsThatCanNeverStartEndInPieces() throws Exception {
    Path file = folder.resolve("chain.db");
    FilledLedger.write(file, 3_001, 0, 10);
    FilledLedger.dependOnTheFirst(file);
    try (CoreOnLedger core = new CoreOnLedger(file)) {
      core.stop("exp-1");
      int turns = 0;
      int most = 0;
      int before = core.state.experiments().size();
      do {
        int now = core.state.experiments().size();
        most = Math.max(most, before - now);
        before = now;
        turns++;
      } while (core.step());
      assertThat(core.state.experiments()).isEmpty();
      assertThat(turns).as("turns").isBetween(60, 80);
      assertThat(most).as("ends in one turn").isLessThanOrEqualTo(51);
    }
  }

  private void isTheSameForEachSize(Consumer<CoreOnLedger> operation) throws Exception {
    List<Long> bytes = new ArrayList<>();
    for (int size : SIZES) {
      Path file = folder.resolve(size + ".db");
      FilledLedger.write(file, size, 10, 100);
      try (CoreOnLedger core = new CoreOnLedger(file)) {
        assertThat(core.state.queue().inOrder()).hasSize(size);
        for (int i = 0; i < 20; i++) {
          operation.accept(core);
        }
        bytes.add(leastAllocated(core, operation));
      }
    }
    assertThat(bytes)
        .allSatisfy(
            each -> assertThat(each).as("of " + bytes).isLessThan(bytes.get(0) + TOLERANCE_BYTES));
  }

  /** Of several times: what the JVM itself allocates now and then does not count. */
  private static long leastAllocated(CoreOnLedger core, Consumer<CoreOnLedger> operation) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      operation.accept(core);
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
