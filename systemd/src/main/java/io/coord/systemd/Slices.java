package io.coord.systemd;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedSet;

/**
 * The slices of a service manager: what bounds or suspends, in one call, all that runs in them.
 *
 * <p>Threads, time limits and names as in {@link ServiceManager}. Each method throws a {@link
 * SystemdException} if the manager refuses or does not answer, unless it says otherwise.
 */
public interface Slices {

  /**
   * Sets how much processor time all units of a slice may use together, at once and for units that
   * start later; in effect until the next boot, whoever asked for it dies. Works alike on a slice
   * that is not loaded.
   *
   * @param percentOfOneCore from 1; empty lifts the limit, also one that the slice's own file sets
   */
  void limitProcessor(String slice, OptionalInt percentOfOneCore);

  /**
   * Sets what all units of a slice may have together, at once and for units that start later; in
   * effect until the next boot, whoever asked for it dies. Works alike on a slice that is not
   * loaded, and leaves {@link #limitProcessor} as it is.
   *
   * @param memoryBytes from 1; empty lifts the limit
   * @param cores the only ones that they may use; empty for all. What the kernel makes of it is
   *     seen in the slice's cgroup only: cgroup v1 makes nothing of it
   */
  void limitTotals(String slice, OptionalLong memoryBytes, SortedSet<Integer> cores);

  /**
   * Suspends all processes of a slice. One that is frozen stays so; in one that is not active
   * nothing runs, so that nothing happens.
   *
   * <p>While it is frozen: what starts in it stands still before its first instruction, and its
   * start job waits. Limits of time (watchdog, longest run, the stop of a killed unit) go on, and
   * end units. Versions from 256 on refuse to start or stop a unit in it ({@link
   * JobResult#FROZEN}). So thaw before anything else is asked of its units.
   *
   * @throws SystemdException also where {@link #canFreeze} is false; a part of the units may be
   *     frozen then, which {@link #thaw} puts right
   */
  void freeze(String slice);

  /**
   * Lets all processes of a slice go on, also those that were frozen one by one. Nothing happens to
   * what is not frozen. Call it whatever {@link SliceStatus#frozen} says.
   */
  void thaw(String slice);

  /**
   * Whether this manager and kernel can freeze a slice: systemd from 246 on, with cgroup v2. False
   * also if nobody answers; throws nothing.
   */
  boolean canFreeze();

  /**
   * What is known of a slice now, whoever set it. Every well-formed name is a slice, if only an
   * empty one without limits.
   */
  SliceStatus status(String slice);
}
