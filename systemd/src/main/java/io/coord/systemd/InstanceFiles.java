package io.coord.systemd;

import java.util.List;

/**
 * The files around the instances of one template unit: the drop-in that says what an instance runs,
 * the environment of its next run, and the exit records that its runs leave.
 *
 * <p>For one thread at a time.
 */
public interface InstanceFiles {

  /**
   * Makes an instance ready to be loaded and started: writes its drop-in and its environment files,
   * each whole or not at all, replacing what was there.
   *
   * @throws SystemdException if something cannot be written; the instance must not be started then
   */
  void prepare(InstanceSpec spec);

  /** Sets the variables that runs which begin from now on get, in place of those set before. */
  void updateContext(String instance, RunContext context);

  /** Removes the drop-in and the environment files of an instance; its exit records stay. */
  void discard(String instance);

  /** The instances that have a drop-in, or the remains of one that a crash left. */
  List<String> prepared();

  /**
   * The exit records that an instance has left, oldest first, without the first {@code skip}. A
   * record cut short by a power failure is left out.
   */
  List<ExitRecord> exitRecords(String instance, int skip);
}
