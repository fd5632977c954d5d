package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Measurements of the machine, bounded in size: the last {@value #SECONDS_KEPT} measurements as
 * they were made (an hour at one a second), those before added up by minute, up to {@value
 * #MINUTES_KEPT} minutes (31 days), and the totals of each run.
 *
 * <p>The measurements that were added last are kept, whatever the wall clock showed; only reading
 * uses the times of the wall clock. All methods may be called from any thread at any time.
 *
 * <p>Nothing depends on measurements. They are in memory at first: a process that is killed loses
 * the last {@link #WRITTEN_AFTER}, and a power cut may lose more.
 */
public interface Measurements extends AutoCloseable {

  /** How many measurements are kept as they were made. */
  int SECONDS_KEPT = 3_600;

  /** How many minutes are kept. */
  int MINUTES_KEPT = 44_640;

  /** How much measured time is collected before it is written, to reduce wear of flash memory. */
  Duration WRITTEN_AFTER = Duration.ofSeconds(10);

  /**
   * Adds a measurement, which can be read immediately. When {@link #WRITTEN_AFTER} of measured time
   * has passed since the last attempt, the caller's thread writes the pending measurements, unless
   * another thread uses the file.
   *
   * @param parts whose totals it is added to: the invocations of the runs that were running then,
   *     and the names that {@link RunMeasurements} has for them; each with its part of the board's
   *     energy, from 0 to 1
   * @return why they could not be written; empty if they were, or if it was not time yet.
   *     Measurements that could not be written are kept and written later; beyond a bound the
   *     oldest are dropped
   */
  Optional<LedgerException> add(Measurement measurement, SortedMap<String, Double> parts);

  /**
   * Adds a measurement, with the energy of the whole board for each of these.
   *
   * @see #add(Measurement, SortedMap)
   */
  default Optional<LedgerException> add(Measurement measurement, SortedSet<String> running) {
    SortedMap<String, Double> parts = new TreeMap<>();
    running.forEach(invocation -> parts.put(invocation, 1.0));
    return add(measurement, parts);
  }

  /**
   * The measurements that began from one instant on and before another, in equal intervals without
   * the empty ones. Measurements added up by minute begin when their minute began.
   *
   * @param maxIntervals how many intervals, 1 or more
   * @throws LedgerException if they could not be read
   */
  List<DownsampledInterval> between(Instant from, Instant to, int maxIntervals);

  /**
   * The measurements that were added last and are still kept as they were made, in the order in
   * which they were added.
   *
   * @param limit the most to return, 0 or more
   * @throws LedgerException if they could not be read
   */
  List<Measurement> latest(int limit);

  /**
   * The measurements of a run until now, over all processes that measured it; empty if there are
   * none, or if they were pruned.
   *
   * @throws LedgerException if they could not be read
   */
  Optional<RunMeasurements> ofRun(String invocation);

  /** How many steps of cooling are kept. */
  int STEPS_KEPT = 1_000;

  /**
   * Stores a step of cooling immediately; the last {@link #STEPS_KEPT} are kept.
   *
   * @return why it could not be stored; empty if it was
   */
  Optional<LedgerException> add(CoolingStep step);

  /**
   * The steps of cooling that were added last, the latest first.
   *
   * @param limit the most to return, 0 or more
   * @throws LedgerException if they could not be read
   */
  List<CoolingStep> steps(int limit);

  /**
   * Writes the pending measurements.
   *
   * @throws LedgerException if they could not be written; they are kept, as {@link #add} says
   */
  void flush();

  /**
   * Deletes the totals of runs that were last measured long ago, the first measured run first. How
   * long ago is counted in measured time, independent of the wall clock; time without measurements
   * keeps them longer. Nothing else deletes them. Writes pending measurements first and takes small
   * steps, between which others can read and write.
   *
   * @param unmeasuredFor deletes runs that were not measured for at least this long
   * @param limit the most to delete
   * @return how many were deleted
   * @throws LedgerException if it had to stop early; what was deleted before stays deleted
   */
  int prune(Duration unmeasuredFor, int limit);

  /**
   * Writes the pending measurements if possible, and closes; never fails. Afterwards reading and
   * flushing fail, and what is added is dropped, both with a {@link LedgerException}.
   */
  @Override
  void close();
}
