package io.coord.scheduler.scale;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Measures the coordinator's core on ledgers of several sizes, in this JVM: {@code script/bench
 * scale} runs it with the flags of the daemon.
 */
public final class ScaleBench {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int TIMES = 50;

  private ScaleBench() {}

  /**
   * Measures, and prints a table.
   *
   * @param args three numbers for each ledger: how many wait, how many have ended, and how many
   *     bytes the environment of each has
   */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("coord-scale");
    for (int i = 0; i + 2 < args.length; i += 3) {
      Path file = folder.resolve(i + ".db");
      int waiting = Integer.parseInt(args[i]);
      int ended = Integer.parseInt(args[i + 1]);
      FilledLedger.write(file, waiting, ended, Integer.parseInt(args[i + 2]));
      measure(file, waiting, ended);
      Files.delete(file);
    }
  }

  private static void measure(Path file, int waiting, int ended) {
    long heap = usedBytes();
    long cpu = PROCESS.getProcessCpuTime();
    try (CoreOnLedger core = new CoreOnLedger(file)) {
      System.out.printf("%n%,d waiting, %,d ended%n", waiting, ended);
      System.out.printf(
          "  opened with %,d ms of CPU time%n", (PROCESS.getProcessCpuTime() - cpu) / 1_000_000);
      System.out.printf("  heap %,d kB%n", (usedBytes() - heap) >> 10);
      each("event, nothing fits", core::event);
      each("health check", core::healthCheck);
      each("enqueue", core::enqueue);
      each("enqueue with a unique key", core::enqueueUnique);
      each("reason of one that waits", () -> core.why("exp-" + (ended + 1 + waiting / 2)));
      each("overview", core::counts);
      System.out.printf("  heap after that %,d kB%n", (usedBytes() - heap) >> 10);
    }
  }

  private static long usedBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void each(String what, Runnable action) {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long begin = System.nanoTime();
    long longest = 0;
    for (int i = 0; i < TIMES; i++) {
      long one = System.nanoTime();
      action.run();
      longest = Math.max(longest, System.nanoTime() - one);
    }
    System.out.printf(
        "  %-28s %9.3f ms, at most %9.3f ms, %,9d bytes%n",
        what,
        (System.nanoTime() - begin) / 1e6 / TIMES,
        longest / 1e6,
        (THREADS.getCurrentThreadAllocatedBytes() - bytes) / TIMES);
  }
}
