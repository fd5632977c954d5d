package io.coord.scheduler.output;

/**
 * How much disk space output may use, in bytes that are allocated, not in length.
 *
 * @param perExperimentBytes of one experiment, of all its runs
 * @param perUserBytes of all experiments of one user, also of those that have ended
 * @param minFreeBytes with less free space in the state directory nothing is enqueued; 0 for no
 *     such limit
 */
public record OutputLimits(long perExperimentBytes, long perUserBytes, long minFreeBytes) {

  /** A smaller log could not hold its beginning and its end. */
  public static final long MIN_BYTES = 1L << 20;

  /** The limits where nothing is set. */
  public static final OutputLimits DEFAULT = new OutputLimits(1L << 30, 10L << 30, 256L << 20);

  public OutputLimits {
    if (perExperimentBytes < MIN_BYTES || perUserBytes < perExperimentBytes || minFreeBytes < 0) {
      throw new IllegalArgumentException(
          "no limits of output: %d, %d, %d"
              .formatted(perExperimentBytes, perUserBytes, minFreeBytes));
    }
  }
}
