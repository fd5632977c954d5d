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
 * What all experiments have together, kept in their slice: it is set before the first of them
 * starts, and again whenever it is found otherwise, as after a boot or by somebody's hand. For one
 * thread.
 */
public final class SliceBudget {
  private static final Logger LOG = LoggerFactory.getLogger(SliceBudget.class);

  private final OptionalLong memoryBytes;
  private final SortedSet<Integer> cores;

  /** What was said last, so that it is not said again with each health check. */
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
   * Sees to it that the slice has this budget, and tells what is known of the slice then. Where the
   * manager refuses the budget, that is logged, and experiments run within their own limits.
   *
   * @throws SystemdException if nothing is known of the slice
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
        LOG.warn("{}; experiments have no bound in all, tried again at each health check", problem);
        reported = problem;
      }
      return now;
    }
    return slices.status(slice);
  }
}
