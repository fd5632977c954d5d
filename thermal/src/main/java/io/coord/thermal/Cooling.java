package io.coord.thermal;

import java.time.Duration;
import java.util.Optional;

/**
 * What is asked for against heat, short of stopping experiments, and what the next decision must
 * know. Immutable.
 *
 * @param modeSteps how many live power modes below the one that experiments ought to have
 * @param share which part of their processor time experiments get, from {@link #MIN_SHARE} to 1
 * @param frozen whether experiments are frozen
 * @param reason why it is as it is, for people
 * @param memory of the controller
 */
public record Cooling(int modeSteps, double share, boolean frozen, String reason, Memory memory) {

  /** With less, an experiment would look hung to its own timeouts. */
  public static final double MIN_SHARE = 0.1;

  /** Nothing is asked for. */
  public static final Cooling NONE =
      new Cooling(0, 1, false, "experiments have the whole machine", Memory.NONE);

  public Cooling {
    if (modeSteps < 0 || !(share >= MIN_SHARE && share <= 1)) {
      throw new IllegalArgumentException("no such cooling: " + modeSteps + ", " + share);
    }
  }

  /** What a coordinator that is gone had asked for; its successor goes on from there. */
  public static Cooling takenOver(int modeSteps, double share, boolean frozen) {
    return new Cooling(
        modeSteps, share, frozen, "left by the coordinator before this one", Memory.NONE);
  }

  /** Whether anything is asked for. */
  public boolean active() {
    return modeSteps > 0 || share < 1 || frozen;
  }

  /** The share in whole percent, as it is set and shown. */
  public int percent() {
    return (int) Math.round(share * 100);
  }

  /** Whether it asks the machine for the same as another. */
  public boolean asks(Cooling other) {
    return modeSteps == other.modeSteps && percent() == other.percent() && frozen == other.frozen;
  }

  /**
   * What the controller remembers from one decision to the next; all times are uptimes.
   *
   * @param at of the last decision
   * @param ahead the temperature in degrees that was expected then
   * @param modeAt of the last change of the power mode
   * @param modeUpAt of the last change to a higher mode
   * @param upWait how long there must be room for a higher mode before it is taken
   * @param shareLowSince since when the share costs more work than the next lower mode would
   * @param noHelpSince since when the share is low and it is hot all the same
   * @param roomSince since when there is room for a higher mode
   * @param leastSince since when the least share was not enough
   * @param blindSince since when no zone could be read
   * @param madeSafe whether something was done because no zone could be read
   * @param coarseUntil until when a lower mode is known to cool more than is needed
   * @param coarseFor how long that is believed the next time
   */
  record Memory(
      Optional<Duration> at,
      double ahead,
      Optional<Duration> modeAt,
      Optional<Duration> modeUpAt,
      Duration upWait,
      Optional<Duration> shareLowSince,
      Optional<Duration> noHelpSince,
      Optional<Duration> roomSince,
      Optional<Duration> leastSince,
      Optional<Duration> blindSince,
      boolean madeSafe,
      Optional<Duration> coarseUntil,
      Duration coarseFor) {
    static final Memory NONE =
        new Memory(
            Optional.empty(),
            0,
            Optional.empty(),
            Optional.empty(),
            Duration.ofMinutes(1),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            Duration.ofHours(2));
  }
}
