package io.coord.scheduler.core.state;

/**
 * How much may wait. No user can take what all have together, as long as the total is above the
 * limit of one.
 *
 * @param total how many experiments may be queued or held, at least 1
 * @param perUser how many of one user, at least 1
 * @param bytesPerUser how large the specs of one user's may be together, at least 1
 * @param enqueuesPerMinute how many one user may enqueue in a minute, at least 1
 */
public record QueueLimits(int total, int perUser, long bytesPerUser, int enqueuesPerMinute) {

  /** What holds unless the settings say otherwise. */
  public static final QueueLimits DEFAULT = new QueueLimits(150_000, 100_000, 1L << 30, 30_000);

  /**
   * How many different combinations of group, power mode, temperature limit and class of time limit
   * the waiting experiments of one user may have: each is looked at with each event.
   */
  public static final int COMBINATIONS_PER_USER = 100;

  public QueueLimits {
    if (total < 1 || perUser < 1 || bytesPerUser < 1 || enqueuesPerMinute < 1) {
      throw new IllegalArgumentException("limits of the queue must be positive");
    }
  }
}
