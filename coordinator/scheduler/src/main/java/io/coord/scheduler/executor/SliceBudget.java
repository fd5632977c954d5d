package io.coord.scheduler.executor;

import io.coord.systemd.SliceStatus;
import io.coord.systemd.Slices;
import io.coord.systemd.SystemdException;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits of all experiments together, in their slice. Set before the first experiment starts,
 * and again whenever the slice has other limits, as after a boot. For one thread.
 */
public final class SliceBudget {
  private static final Logger LOG = LoggerFactory.getLogger(SliceBudget.class);

  private final OptionalLong memoryBytes;
  private final SortedSet<Integer> cores;

  /** The last problem, which is logged once and not at each health check. */
  private String reported = "";

  /**
   * @param memoryBytes empty for no limit
   * @param cores empty for all
   */
  public SliceBudget(OptionalLong memoryBytes, SortedSet<Integer> cores) {
    this.memoryBytes = memoryBytes;
    this.cores = new TreeSet<>(cores);
  }

  /**
   * Sets this budget if the slice has another, and reads the slice. If the service manager refuses
   * the budget, that is logged, and experiments run within their own limits.
   *
   * @throws SystemdException if the slice cannot be read
   */
  SliceStatus keep(Slices slices, String slice) {
    SliceStatus now = slices.status(slice);
    if (now.memoryBytes().equals(memoryBytes) && now.cores().equals(cores)) {
      return now;
    }
    try {
      slices.limitTotals(slice, memoryBytes, cores);
    } catch (SystemdException e) {
      String problem = String.valueOf(e.getMessage());
      if (!problem.equals(reported)) {
        LOG.warn(
            "{}; there is no limit for all experiments together; retried at each health check",
            problem);
        reported = problem;
      }
      return now;
    }
    return slices.status(slice);
  }
}
