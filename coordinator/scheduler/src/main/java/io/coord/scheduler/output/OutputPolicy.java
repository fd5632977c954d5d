package io.coord.scheduler.output;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides which logs are cut. What one user writes never costs another one output, unless the disk
 * is nearly full, and then only those whose logs are growing.
 */
public final class OutputPolicy {

  /** A cut log has room for a quarter of the limit until the next cut. */
  private static final int KEPT_QUARTERS = 3;

  /** After the oldest logs were removed, this part of the user's limit is free. */
  private static final int USER_ROOM = 8;

  /** What a log may keep on a disk that is nearly full, as a part of the limit. */
  private static final int PRESSED = 8;

  /** By name where two are of the same age: the same files give the same decision. */
  private static final Comparator<OutputFile> OLDEST_FIRST =
      Comparator.comparing(OutputFile::modified).thenComparing(OutputFile::name);

  private static final Comparator<OutputFile> LARGEST_FIRST =
      Comparator.comparingLong(OutputFile::allocatedBytes)
          .reversed()
          .thenComparing(OutputFile::name);

  private final OutputLimits limits;

  public OutputPolicy(OutputLimits limits) {
    this.limits = limits;
  }

  /** Oldest first: the order in which a user loses logs. */
  public static Comparator<OutputFile> oldestFirst() {
    return OLDEST_FIRST;
  }

  /** Whether a log may take so much. */
  public boolean exceedsExperimentLimit(long allocatedBytes) {
    return allocatedBytes > limits.perExperimentBytes();
  }

  /** Whether all logs of a user together may take so much. */
  public boolean exceedsUserLimit(long totalBytes) {
    return totalBytes > limits.perUserBytes();
  }

  /** The cut of a log that exceeds the limit of one experiment; empty if it does not. */
  public Optional<Cut> overExperimentLimit(OutputFile file) {
    return exceedsExperimentLimit(file.allocatedBytes())
        ? Optional.of(new Cut(file, limits.perExperimentBytes() / 4 * KEPT_QUARTERS))
        : Optional.empty();
  }

  /**
   * What a user loses whose logs take too much: first the logs of experiments that do not run, the
   * oldest first; then the largest of those that run, down to an equal part of the limit.
   *
   * @param totalBytes what all logs of the user take
   * @param active the user's logs that are being written
   * @param others the user's oldest other logs; there may be more
   * @return empty if the total is within the limit
   */
  public List<Cut> overUserLimit(
      long totalBytes, Collection<OutputFile> active, Collection<OutputFile> others) {
    if (!exceedsUserLimit(totalBytes)) {
      return List.of();
    }
    long excess = totalBytes - (limits.perUserBytes() - limits.perUserBytes() / USER_ROOM);
    List<Cut> cuts = new ArrayList<>();
    for (OutputFile file : others.stream().sorted(OLDEST_FIRST).toList()) {
      if (excess <= 0) {
        return cuts;
      }
      if (file.allocatedBytes() > 0) {
        cuts.add(new Cut(file, 0));
        excess -= file.allocatedBytes();
      }
    }
    long part = Math.max(Cut.STEP, limits.perUserBytes() / 2 / Math.max(1, active.size()));
    for (OutputFile file : active.stream().sorted(LARGEST_FIRST).toList()) {
      if (excess <= 0 || file.allocatedBytes() <= part) {
        return cuts;
      }
      cuts.add(new Cut(file, part));
      excess -= file.allocatedBytes() - part;
    }
    return cuts;
  }

  /** Whether so little space is free that nothing is enqueued. */
  public boolean isNearlyFull(long freeBytes) {
    return freeBytes < limits.minFreeBytes();
  }

  /**
   * What is cut on a disk that is nearly full: logs that are being written, first those of the user
   * with the most output, until enough is free again. None is cut below an eighth of the limit: the
   * disk may be full of something else.
   *
   * @param active the logs that are being written
   * @param totals what all logs of each user take, by user id
   */
  public List<Cut> onNearlyFullDisk(
      long freeBytes, Collection<OutputFile> active, Map<Long, Long> totals) {
    long missing = limits.minFreeBytes() - freeBytes;
    long kept = Math.max(Cut.STEP, limits.perExperimentBytes() / PRESSED);
    Comparator<OutputFile> mostOutputFirst =
        Comparator.comparingLong((OutputFile file) -> totals.getOrDefault(file.uid(), 0L))
            .reversed();
    List<Cut> cuts = new ArrayList<>();
    for (OutputFile file :
        active.stream().sorted(mostOutputFirst.thenComparing(LARGEST_FIRST)).toList()) {
      if (missing > 0 && file.allocatedBytes() > kept) {
        cuts.add(new Cut(file, kept));
        missing -= file.allocatedBytes() - kept;
      }
    }
    return cuts;
  }
}
