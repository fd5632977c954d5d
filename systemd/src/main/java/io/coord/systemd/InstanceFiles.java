package io.coord.systemd;

import java.util.List;
import java.util.Optional;

/**
 * The files of the instances of one template unit: the drop-in that defines what an instance runs,
 * the environment of its next run, and the exit records of its runs.
 *
 * <p>For one thread at a time.
 */
public interface InstanceFiles {

  /**
   * Prepares an instance for loading and starting: writes its drop-in and its environment files,
   * each atomically, replacing existing ones.
   *
   * @throws SystemdException if something cannot be written; the instance must not be started then
   */
  void prepare(InstanceSpec spec);

  /**
   * Keeps a text with an instance that says where the instance comes from; only the service
   * manager's owner can read it. Goes with {@link #discard}.
   *
   * @throws SystemdException if it cannot be written
   */
  void keepOrigin(String instance, String text);

  /** The text that was kept with an instance that is prepared; empty if there is none. */
  Optional<String> origin(String instance);

  /** Sets the variables that runs which begin from now on get, in place of those set before. */
  void updateContext(String instance, RunContext context);

  /** Removes the drop-in and the environment files of an instance; its exit records stay. */
  void discard(String instance);

  /** The instances that have a drop-in, or an unfinished one that a crash left. */
  List<String> prepared();

  /**
   * The exit records that an instance has left, oldest first, without the first {@code skip}. A
   * record cut short by a power failure is left out.
   */
  List<ExitRecord> exitRecords(String instance, int skip);
}
