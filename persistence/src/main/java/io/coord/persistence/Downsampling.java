package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/**
 * Divides a span of time into equal intervals and adds up the measurements that begin in each; the
 * only place that defines how. For one thread at a time.
 */
public final class Downsampling {

  /** Far more than any clock shows, and small enough to be subtracted. */
  private static final long FARTHEST_MILLIS = 1L << 60;

  private final long from;
  private final long to;
  private final long width;
  private final TreeMap<Long, Interval> intervals = new TreeMap<>();

  /**
   * Without measurements yet.
   *
   * @param from measurements that begin earlier are left out
   * @param to measurements that begin then or later are left out
   * @param maxIntervals how many intervals, 1 or more
   */
  public Downsampling(Instant from, Instant to, int maxIntervals) {
    if (maxIntervals < 1) {
      throw new IllegalArgumentException("not a positive number of intervals: " + maxIntervals);
    }
    this.from = millis(from);
    this.to = millis(to);
    this.width =
        Math.max(1, Math.floorDiv(this.to - this.from + maxIntervals - 1, (long) maxIntervals));
  }

  /** Adds one measurement. */
  public void add(Measurement one) {
    add(one.at(), one.lasted(), MeasurementTotals.of(one));
  }

  /** Adds the totals of a span of time. */
  public void add(Instant at, Duration lasted, MeasurementTotals totals) {
    long begin = millis(at);
    if (begin >= from && begin < to) {
      intervals.merge(
          (begin - from) / width, new Interval(at, at.plus(lasted), totals), Interval::plus);
    }
  }

  /** The intervals in which a measurement began, in order. */
  public List<DownsampledInterval> intervals() {
    return intervals.values().stream()
        .map(interval -> DownsampledInterval.of(interval.from(), interval.to(), interval.totals()))
        .toList();
  }

  /** The start of the first interval, in milliseconds since the epoch. */
  public long fromMillis() {
    return from;
  }

  /** The end of the last interval, in milliseconds since the epoch. */
  public long toMillis() {
    return to;
  }

  private static long millis(Instant at) {
    long seconds = FARTHEST_MILLIS / 1000;
    return Math.max(-seconds, Math.min(seconds, at.getEpochSecond())) * 1000
        + at.getNano() / 1_000_000;
  }

  private record Interval(Instant from, Instant to, MeasurementTotals totals) {
    Interval plus(Interval other) {
      return new Interval(
          from.isBefore(other.from) ? from : other.from,
          to.isAfter(other.to) ? to : other.to,
          totals.plus(other.totals));
    }
  }
}
