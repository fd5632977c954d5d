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
   * already active, the job is done immediately and no second process is started.
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
   * Sends a signal to the main process of a unit only. Its effect shows in the status. systemd
   * treats it like a signal from any other sender, so it may restart the unit. A unit that is not
   * loaded or has no main process now is not an error.
   *
   * @param signal its number, from 1 to 64
   */
  void kill(String unit, int signal);

  /**
   * Sends a signal to every process of a unit, or of all units in a slice, after {@link #stop} has
   * timed out. SIGKILL also ends frozen processes, but then {@code ExecStopPost=} is frozen: unless
   * the slice is thawed within the unit's stop timeout, the run leaves no exit record. Otherwise as
   * {@link #kill}; in particular, the unit may be restarted unless a stop job was queued before.
   *
   * @param signal its number, from 1 to 64
   */
  void killAll(String unit, int signal);

  /**
   * Loads the unit if it is not loaded, and keeps it and its properties loaded until {@link
   * #release} or until the connection ends. Repeated calls count once.
   *
   * @throws SystemdException if it cannot be loaded
   */
  void hold(String unit);

  /**
   * Gives up what {@link #hold} took and forgets a failed state, so that an ended unit is unloaded
   * and a later start counts from zero. A unit that is not loaded is not an error.
   */
  void release(String unit);

  /**
   * Forgets the starts that the unit's start limit counts, so that a restart that a person asked
   * for takes none from those that follow a crash. A unit that is not loaded is not an error.
   */
  void forgetStarts(String unit);

  /** The status of a unit now, without loading it; empty if it is not loaded. */
  Optional<UnitStatus> status(String unit);

  /**
   * All loaded units whose names match.
   *
   * @param pattern a shell pattern such as {@code brain-experiment@*.service}
   */
  List<UnitStatus> units(String pattern);

  /**
   * How a unit is installed; loads it temporarily if necessary.
   *
   * @param unit may be the instance of a template that was never started; then the facts are those
   *     of the template
   * @return {@link UnitFacts#missing} if there is no such unit
   */
  UnitFacts facts(String unit);

  /**
   * Makes a call that changes nothing about a unit and needs the right to change it.
   *
   * @throws SystemdException with the manager's message if the caller lacks the right
   */
  void checkRights(String unit);

  /** Limits and freezing of many units at once. */
  Slices slices();

  /**
   * Whether the manager is shutting down ({@code SystemState} is {@code stopping}) and therefore
   * stops units.
   */
  default boolean isStopping() {
    return false;
  }

  /**
   * Whether a target is being stopped, or was stopped since this service manager was created and
   * not started again: then its units end because of the target.
   *
   * @param target its name; false for a target that is not installed, and for one that is stopped
   *     and that no loaded unit is part of, because systemd has unloaded it
   */
  default boolean isStopping(String target) {
    return false;
  }

  /** Reloads all unit files; blocks the manager for 0.1 s to many seconds. */
  void reload();

  /**
   * Delivers changes of units with matching names from now on.
   *
   * @param pattern as in {@link #units}
   * @param watcher called on a thread of this service manager; must return immediately
   */
  void watch(String pattern, UnitWatcher watcher);

  @Override
  void close();
}
