package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/**
 * Cuts a time into equal parts and adds up what begins in each; the only place that says how. Not
 * for more than one thread at a time.
 */
public final class Downsampling {

  /** Far more than any clock shows, and small enough to be subtracted. */
  private static final long FARTHEST_MILLIS = 1L << 60;

  private final long from;
  private final long to;
  private final long width;
  private final TreeMap<Long, Part> parts = new TreeMap<>();

  /**
   * Nothing yet.
   *
   * @param from what begins earlier is left out
   * @param to what begins then or later is left out
   * @param most into how many parts, 1 or more
   */
  public Downsampling(Instant from, Instant to, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most is not positive: " + most);
    }
    this.from = millis(from);
    this.to = millis(to);
    this.width = Math.max(1, Math.floorDiv(this.to - this.from + most - 1, (long) most));
  }

  /** Adds one measurement. */
  public void add(Measurement one) {
    add(one.at(), one.lasted(), Tally.of(one));
  }

  /** Adds what was measured in a span of time. */
  public void add(Instant at, Duration lasted, Tally tally) {
    long begin = millis(at);
    if (begin >= from && begin < to) {
      parts.merge((begin - from) / width, new Part(at, at.plus(lasted), tally), Part::plus);
    }
  }

  /** The parts in which anything began, in order. */
  public List<DownsampledSlot> parts() {
    return parts.values().stream()
        .map(part -> DownsampledSlot.of(part.from(), part.to(), part.tally()))
        .toList();
  }

  /** The first instant from which on something is taken in, in milliseconds since the epoch. */
  public long fromMillis() {
    return from;
  }

  /** The first instant from which on nothing is, in milliseconds since the epoch. */
  public long toMillis() {
    return to;
  }

  private static long millis(Instant at) {
    long seconds = FARTHEST_MILLIS / 1000;
    return Math.max(-seconds, Math.min(seconds, at.getEpochSecond())) * 1000
        + at.getNano() / 1_000_000;
  }

  private record Part(Instant from, Instant to, Tally tally) {
    Part plus(Part other) {
      return new Part(
          from.isBefore(other.from) ? from : other.from,
          to.isAfter(other.to) ? to : other.to,
          tally.plus(other.tally));
    }
  }
}
