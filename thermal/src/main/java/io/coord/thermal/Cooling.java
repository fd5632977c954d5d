package io.coord.thermal;

import java.time.Duration;
import java.util.Optional;

/**
 * The cooling that is requested, short of stopping experiments, and the state that the next
 * decision needs. Immutable.
 *
 * @param modeSteps how many live power modes below the requested one
 * @param share the share of their CPU time that experiments get, from {@link #MIN_SHARE} to 1
 * @param gpuShare the share of its highest clock that the GPU may have, from {@link #MIN_GPU_SHARE}
 *     to 1
 * @param frozen whether experiments are frozen
 * @param reason why, for people
 * @param memory of the controller
 */
public record Cooling(
    int modeSteps, double share, double gpuShare, boolean frozen, String reason, Memory memory) {

  /** With less, an experiment's own timeouts would take it for hung. */
  public static final double MIN_SHARE = 0.1;

  /** Below that, a GPU's voltage is at its minimum: less clock costs as much work as it saves. */
  public static final double MIN_GPU_SHARE = 0.3;

  /** No cooling. */
  public static final Cooling NONE =
      new Cooling(0, 1, 1, false, "no cooling is needed", Memory.NONE);

  public Cooling {
    if (modeSteps < 0
        || !(share >= MIN_SHARE && share <= 1)
        || !(gpuShare >= MIN_GPU_SHARE && gpuShare <= 1)) {
      throw new IllegalArgumentException(
          "invalid cooling: mode steps %d, share %s, GPU share %s"
              .formatted(modeSteps, share, gpuShare));
    }
  }

  /** The cooling that a previous daemon requested, from where its successor continues. */
  public static Cooling takenOver(int modeSteps, double share, double gpuShare, boolean frozen) {
    return new Cooling(
        modeSteps, share, gpuShare, frozen, "set by the previous daemon", Memory.NONE);
  }

  /** Whether any cooling is requested. */
  public boolean active() {
    return modeSteps > 0 || share < 1 || gpuShare < 1 || frozen;
  }

  /** The share in whole percent, as it is set and shown. */
  public int percent() {
    return (int) Math.round(share * 100);
  }

  /** The GPU's share in whole percent, as it is shown. */
  public int gpuPercent() {
    return (int) Math.round(gpuShare * 100);
  }

  /**
   * The state that the controller keeps between decisions; all times are uptimes.
   *
   * @param at when the last decision was made
   * @param expected the temperature in degrees that was expected then
   */
  record Memory(
      Optional<Duration> at,
      double expected,
      ModeMemory mode,
      ShareMemory share,
      BlindMemory blind) {
    static final Memory NONE =
        new Memory(Optional.empty(), 0, ModeMemory.NONE, ShareMemory.NONE, BlindMemory.NONE);
  }

  /**
   * About the power mode.
   *
   * @param changedAt when it was last changed
   * @param raisedAt when a higher mode was last chosen
   * @param raiseWait how long there must be headroom before a higher mode is chosen
   * @param headroomSince since when there is headroom for a higher mode
   * @param coarseUntil until when a lower mode is known to cool more than needed
   * @param coarsePeriod how long that is believed the next time
   */
  record ModeMemory(
      Optional<Duration> changedAt,
      Optional<Duration> raisedAt,
      Duration raiseWait,
      Optional<Duration> headroomSince,
      Optional<Duration> coarseUntil,
      Duration coarsePeriod) {
    static final ModeMemory NONE =
        new ModeMemory(
            Optional.empty(),
            Optional.empty(),
            Duration.ofMinutes(2),
            Optional.empty(),
            Optional.empty(),
            Duration.ofHours(4));
  }

  /**
   * About the share of the CPU time.
   *
   * @param costlySince since when it costs more work than the next lower mode would
   * @param ineffectiveSince since when it is reduced and the temperature stays too high
   * @param minimumSince since when the minimum share is not enough
   */
  record ShareMemory(
      Optional<Duration> costlySince,
      Optional<Duration> ineffectiveSince,
      Optional<Duration> minimumSince) {
    static final ShareMemory NONE =
        new ShareMemory(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * About the time in which no zone can be read.
   *
   * @param since since when
   * @param precautionTaken whether cooling was increased because of it
   */
  record BlindMemory(Optional<Duration> since, boolean precautionTaken) {
    static final BlindMemory NONE = new BlindMemory(Optional.empty(), false);
  }
}
