package io.coord.systemd;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A service manager: systemd as PID 1, or a user's.
 *
 * <p>May be called from any thread except the one that delivers to a {@link UnitWatcher}. Unit
 * names are complete, such as {@code brain-experiment@a1.service}. Each call ends within a bounded
 * time; a call that ends in an exception may still have happened.
 */
public interface ServiceManager extends AutoCloseable {

  /**
   * Queues a start job (mode {@code fail}) and reports how the job ended. For a unit that is
   * already active the job is done at once and no second process is started.
   *
   * @return completes with the job's result, or exceptionally with a {@link SystemdException} if
   *     the manager refused the call or went away
   */
  CompletableFuture<JobResult> start(String unit);

  /**
   * Queues a stop job (mode {@code replace}), which also cancels a pending automatic restart. In a
   * frozen slice, thaw first: see {@link Slices#freeze}.
   *
   * @return as for {@link #start}; {@code DONE} also if the unit is not loaded
   */
  CompletableFuture<JobResult> stop(String unit);

  /**
   * Sends a signal to the main process of a unit, and to no other. What becomes of it is seen in
   * the status: to systemd it is as if anybody had sent it, so it may restart the unit. A unit that
   * is not loaded or has no main process now is not an error.
   *
   * @param signal its number, from 1 to 64
   */
  void kill(String unit, int signal);

  /**
   * Sends a signal to every process of a unit, for when the time for {@link #stop} is over; of a
   * slice, to every process of all units in it. SIGKILL ends frozen ones too, but then {@code
   * ExecStopPost=} stands still: unless the slice is thawed within the unit's stop timeout, the run
   * leaves no exit record. Otherwise as {@link #kill}; in particular, what it ends may be
   * restarted, unless a stop job was queued before.
   *
   * @param signal its number, from 1 to 64
   */
  void killAll(String unit, int signal);

  /**
   * Loads the unit if it is not loaded, and keeps it loaded, with all that can be read about it,
   * until {@link #release} or until the connection ends. Repeated calls count once.
   *
   * @throws SystemdException if it cannot be loaded
   */
  void hold(String unit);

  /**
   * Gives up what {@link #hold} took and forgets a failed state, so that an ended unit is unloaded
   * and a later start counts from zero. A unit that is not loaded is not an error.
   */
  void release(String unit);

  /** What is known of a unit now, without loading it; empty if it is not loaded. */
  Optional<UnitStatus> status(String unit);

  /**
   * All loaded units whose names match.
   *
   * @param pattern a shell pattern such as {@code brain-experiment@*.service}
   */
  List<UnitStatus> units(String pattern);

  /**
   * How a unit is installed, loading it for the moment if need be.
   *
   * @param unit also the instance of a template, whether or not it was ever started; says what is
   *     true of the template then
   * @return {@link UnitFacts#missing} if there is no such unit
   */
  UnitFacts facts(String unit);

  /**
   * Makes a call that changes nothing about a unit, and that only those are allowed who may change
   * it.
   *
   * @throws SystemdException with what the manager says to those who may not
   */
  void checkRights(String unit);

  /** What bounds or suspends many units at once. */
  Slices slices();

  /**
   * Whether the manager is going down ({@code SystemState} is {@code stopping}), so that it stops
   * units for no reason of their own.
   */
  default boolean isStopping() {
    return false;
  }

  /**
   * Whether a target is on its way down, or has gone down in the time of this service manager and
   * not come up again: then its units end for no reason of their own.
   *
   * @param target its name; one that is not installed is not going down, and one that no loaded
   *     unit is part of is forgotten when it is down
   */
  default boolean isStopping(String target) {
    return false;
  }

  /** Reads all unit files anew; blocks the manager, from 0.1 s to many seconds. */
  void reload();

  /**
   * Delivers what happens to units whose names match, from now on.
   *
   * @param pattern as in {@link #units}
   * @param watcher called on a thread of this service manager; must return at once
   */
  void watch(String pattern, UnitWatcher watcher);

  @Override
  void close();
}
