package io.coord.persistence;

import java.util.Optional;

/**
 * What one coordinator leaves for the next, besides experiments, schedules and breakers.
 *
 * @param draining by whom the queue was set to drain; empty if it starts experiments
 * @param powerModeBefore the power mode to restore; empty if the coordinator has not changed it
 * @param throttledFrom the CPU limit to restore; empty if the coordinator has not lowered it
 */
public record CoordinatorState(
    Optional<String> draining,
    Optional<StoredPowerMode> powerModeBefore,
    Optional<CpuLimit> throttledFrom) {

  /** The state that a new ledger holds. */
  public static final CoordinatorState INITIAL =
      new CoordinatorState(Optional.empty(), Optional.empty(), Optional.empty());

  /** This state with the queue draining, or not. */
  public CoordinatorState after(Change.DrainingSet change) {
    return new CoordinatorState(change.by(), powerModeBefore, throttledFrom);
  }

  /** This state with another power mode to restore. */
  public CoordinatorState after(Change.PowerModeBeforeSet change) {
    return new CoordinatorState(draining, change.mode(), throttledFrom);
  }

  /** This state with another CPU limit to restore. */
  public CoordinatorState after(Change.ThrottledFromSet change) {
    return new CoordinatorState(draining, powerModeBefore, change.limit());
  }
}
