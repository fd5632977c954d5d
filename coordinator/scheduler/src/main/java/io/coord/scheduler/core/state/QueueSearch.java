package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * What is looked for among the queued experiments that wait for nothing but what is said here.
 *
 * @param lanes in which lanes
 * @param moreThanRam needs more memory than this, in bytes; -1 for any
 * @param upToRam needs at most this memory, in bytes, in a lane
 * @param part in which part of the queue
 * @param fits whether it is one; asked only where all else applies
 */
public record QueueSearch(
    Predicate<QueueLane> lanes,
    long moreThanRam,
    ToLongFunction<QueueLane> upToRam,
    Part part,
    Predicate<Experiment> fits) {

  /**
   * A part of the queue.
   *
   * @param behind only what is behind this one; empty for all from the first
   * @param upTo only this one and what is before it; empty for all to the last
   */
  public record Part(Optional<Experiment> behind, Optional<Experiment> upTo) {
    /** The whole queue. */
    public static final Part ALL = new Part(Optional.empty(), Optional.empty());
  }
}
