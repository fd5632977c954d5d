package io.coord.scheduler.core.state;

import java.util.List;

/**
 * What is known of the service manager and of the units that coord did not start.
 *
 * @param up whether it can be reached and everything was compared with it
 * @param problem why not, in words; empty if it is up
 * @param targetStopping whether the target of all experiments is being stopped, or was and is not
 *     started again
 * @param unmanaged units of experiments that coord did not start and must not stop
 */
public record ManagerState(
    boolean up, String problem, boolean targetStopping, List<String> unmanaged) {
  public ManagerState {
    unmanaged = List.copyOf(unmanaged);
  }

  /** Before the service manager was reached. */
  static final ManagerState UNKNOWN =
      new ManagerState(false, "the service manager was not reached yet", false, List.of());

  ManagerState with(boolean upNow, String why) {
    return new ManagerState(upNow, why, targetStopping, unmanaged);
  }

  ManagerState withTargetStopping(boolean stopping) {
    return new ManagerState(up, problem, stopping, unmanaged);
  }

  ManagerState withUnmanaged(List<String> units) {
    return new ManagerState(up, problem, targetStopping, units);
  }
}
