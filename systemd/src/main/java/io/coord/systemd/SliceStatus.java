package io.coord.systemd;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The state of one slice at one moment, as the service manager reports it. The kernel may not
 * enforce a limit that it reports: {@code AllowedCPUs=} has no effect with cgroup v1.
 *
 * @param slice its name
 * @param processorPercent the limit of CPU time, in percent of one core; rounded up; empty if there
 *     is none
 * @param memoryBytes the limit of memory; empty if there is none
 * @param cores the cores that its processes may use; empty if all
 * @param frozen whether it was frozen as a whole and is still frozen. False is not conclusive: when
 *     systemd 252 stops a unit in a frozen slice, it marks the slice as thawed and leaves its other
 *     units frozen
 * @param controlGroup the path of its cgroup; empty while nothing was started in it
 */
public record SliceStatus(
    String slice,
    OptionalInt processorPercent,
    OptionalLong memoryBytes,
    SortedSet<Integer> cores,
    boolean frozen,
    String controlGroup) {

  public SliceStatus {
    cores = new TreeSet<>(cores);
  }
}
