package io.coord.scheduler.core.state;

import io.coord.persistence.CpuLimit;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What holds back the slice of all experiments, and the GPU.
 *
 * @param inForce what the service manager says is in force; empty before it was asked
 * @param replaced while coord limits the slice's CPU time: the limit to restore
 * @param ownPercent the administrator's own limit of the slice, in percent of one core
 * @param canFreeze whether the service manager can freeze the slice
 * @param asked the number of the last setting that was requested; 0 before the first
 * @param carriedOut the number of the last one that had been carried out when {@code inForce} was
 *     read
 * @param gpu the cap of the GPU's clock
 * @param frozenUntil the last uptime at which the slice may have been frozen; empty if it never was
 */
public record ThrottleState(
    Optional<SliceThrottle> inForce,
    Optional<CpuLimit> replaced,
    OptionalInt ownPercent,
    boolean canFreeze,
    long asked,
    long carriedOut,
    GpuCap gpu,
    Optional<Duration> frozenUntil) {

  /**
   * Before the service manager was asked.
   *
   * @param replaced what the previous coordinator has stored
   */
  static ThrottleState unknown(Optional<CpuLimit> replaced) {
    return new ThrottleState(
        Optional.empty(),
        replaced,
        OptionalInt.empty(),
        false,
        0,
        0,
        GpuCap.UNKNOWN,
        Optional.empty());
  }

  /**
   * After the service manager has said what is in force. What was read before a later setting ended
   * is outdated if the result of that setting is known.
   *
   * @param lastCarriedOut the number of the last setting that had been carried out before
   * @param uptime of now
   */
  public ThrottleState seen(
      SliceThrottle now, boolean freezes, long lastCarriedOut, Duration uptime) {
    return lastCarriedOut < carriedOut
        ? this
        : new ThrottleState(
            Optional.of(now),
            replaced,
            ownPercent,
            freezes,
            asked,
            lastCarriedOut,
            gpu,
            now.frozen() || isFrozen() ? Optional.of(uptime) : frozenUntil);
  }

  /** Whether the slice was frozen when it was seen last. */
  public boolean isFrozen() {
    return inForce.filter(SliceThrottle::frozen).isPresent();
  }

  /** After another setting was requested. */
  public ThrottleState withAnotherAsked() {
    return new ThrottleState(
        inForce, replaced, ownPercent, canFreeze, asked + 1, carriedOut, gpu, frozenUntil);
  }

  /** Whether a setting still waits for the service manager, and may change what is in force. */
  public boolean isPending() {
    return carriedOut < asked;
  }

  /** With another cap of the GPU's clock. */
  public ThrottleState withGpu(GpuCap now) {
    return new ThrottleState(
        inForce, replaced, ownPercent, canFreeze, asked, carriedOut, now, frozenUntil);
  }

  /** With another limit that coord has replaced. */
  public ThrottleState withReplaced(Optional<CpuLimit> limit) {
    return new ThrottleState(
        inForce, limit, ownPercent, canFreeze, asked, carriedOut, gpu, frozenUntil);
  }

  /** With another limit of the administrator. */
  public ThrottleState withOwnPercent(OptionalInt percent) {
    return new ThrottleState(
        inForce, replaced, percent, canFreeze, asked, carriedOut, gpu, frozenUntil);
  }
}
