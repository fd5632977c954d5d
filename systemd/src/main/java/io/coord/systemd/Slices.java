package io.coord.systemd;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedSet;

/**
 * The slices of a service manager: limits and freezing of all units in a slice with one call.
 *
 * <p>Threads, time limits and names as in {@link ServiceManager}. Each method throws a {@link
 * SystemdException} if the manager refuses or does not answer, unless it says otherwise.
 */
public interface Slices {

  /**
   * Limits the CPU time of all units of a slice together, including units that start later;
   * effective until the next boot, even if the caller dies. Works the same on a slice that is not
   * loaded.
   *
   * @param percentOfOneCore from 1; empty removes the limit, even one in the slice's own file
   */
  void limitProcessor(String slice, OptionalInt percentOfOneCore);

  /**
   * Limits memory and cores of all units of a slice together, including units that start later;
   * effective until the next boot, even if the caller dies. Works the same on a slice that is not
   * loaded, and does not change {@link #limitProcessor}.
   *
   * @param memoryBytes from 1; empty removes the limit
   * @param cores the cores that they may use; empty for all. Only the slice's cgroup shows what the
   *     kernel enforces: cgroup v1 ignores it
   */
  void limitTotals(String slice, OptionalLong memoryBytes, SortedSet<Integer> cores);

  /**
   * Freezes all processes of a slice. Does nothing if the slice is frozen already or not active.
   *
   * <p>While it is frozen: a new process is frozen before its first instruction, and its start job
   * waits. Time limits (watchdog, RuntimeMaxSec, the stop of a killed unit) keep running and end
   * units. systemd from 256 on refuses to start or stop a unit in it ({@link JobResult#FROZEN}).
   * Therefore thaw before any other call for its units.
   *
   * @throws SystemdException also where {@link #canFreeze} is false; some units may be frozen then,
   *     until {@link #thaw}
   */
  void freeze(String slice);

  /**
   * Thaws all processes of a slice, also those that were frozen one by one. Does nothing to others.
   * Call it regardless of {@link SliceStatus#frozen}.
   */
  void thaw(String slice);

  /**
   * Whether this manager and kernel can freeze a slice: systemd from 246 on, with cgroup v2. Also
   * false if the manager does not answer; never throws.
   */
  boolean canFreeze();

  /**
   * The status of a slice now. Every valid name is a slice, at least an empty one without limits.
   */
  SliceStatus status(String slice);
}
