package io.coord.systemd;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a service manager knows of one slice at one moment. A limit that it knows is not yet one
 * that the kernel keeps: {@code AllowedCPUs=} does nothing with cgroup v1.
 *
 * @param slice its name
 * @param processorPercent the processor time that all in it may use together, in percent of one
 *     core; rounded up; empty if that is not limited
 * @param memoryBytes the memory that all in it may use together; empty if that is not limited
 * @param cores the only ones that all in it may use; empty if they may use all
 * @param frozen whether it was frozen as a whole and is so still. False proves little: as systemd
 *     252 stops a unit in a frozen slice, it thaws the slice and leaves all others in it frozen
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
