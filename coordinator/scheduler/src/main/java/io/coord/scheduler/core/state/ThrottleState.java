package io.coord.scheduler.core.state;

import io.coord.persistence.CpuLimit;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What holds back the slice of all experiments.
 *
 * @param inForce what the service manager says is in force; empty before it was asked
 * @param replaced while coord limits the slice's CPU time: the limit to restore
 * @param ownPercent the administrator's own limit of the slice, in percent of one core
 * @param canFreeze whether the service manager can freeze the slice
 */
public record ThrottleState(
    Optional<SliceThrottle> inForce,
    Optional<CpuLimit> replaced,
    OptionalInt ownPercent,
    boolean canFreeze) {

  /**
   * Before the service manager was asked.
   *
   * @param replaced what the previous coordinator has stored
   */
  static ThrottleState unknown(Optional<CpuLimit> replaced) {
    return new ThrottleState(Optional.empty(), replaced, OptionalInt.empty(), false);
  }

  /** After the service manager has said what is in force. */
  public ThrottleState seen(SliceThrottle now, boolean freezes) {
    return new ThrottleState(Optional.of(now), replaced, ownPercent, freezes);
  }

  /** With another limit that coord has replaced. */
  public ThrottleState withReplaced(Optional<CpuLimit> limit) {
    return new ThrottleState(inForce, limit, ownPercent, canFreeze);
  }

  /** With another limit of the administrator. */
  public ThrottleState withOwnPercent(OptionalInt percent) {
    return new ThrottleState(inForce, replaced, percent, canFreeze);
  }
}
