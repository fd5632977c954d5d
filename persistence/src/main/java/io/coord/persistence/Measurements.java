package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What was measured of the machine, bounded in size: the last {@value #SECONDS_KEPT} measurements
 * as they were made (an hour at one a second), those before added up by minute, up to {@value
 * #MINUTES_KEPT} minutes (31 days); and for each run what there was of it.
 *
 * <p>What is kept is the last that was added, whatever the wall clock showed; only reading goes by
 * what it showed. All methods may be called from any thread at any time.
 *
 * <p>It is history and nothing depends on it: what was added is in memory at first, so a process
 * that is killed loses the last {@link #WRITTEN_AFTER}, and a power cut may lose some more.
 */
public interface Measurements extends AutoCloseable {

  /** How many measurements are kept as they were made. */
  int SECONDS_KEPT = 3_600;

  /** How many minutes are kept. */
  int MINUTES_KEPT = 44_640;

  /** How much measured time is gathered before it is written, to spare flash memory. */
  Duration WRITTEN_AFTER = Duration.ofSeconds(10);

  /**
   * Adds a measurement. It is readable at once. Most times that costs next to nothing; when {@link
   * #WRITTEN_AFTER} of measured time has passed since it was last tried, the caller's thread writes
   * out what was gathered, unless another thread is at work on the file.
   *
   * @param running the invocations of the runs that were running then
   * @return why it could not be written; empty if it was, or if it was not time yet. What could not
   *     be written is kept and tried again, the oldest is dropped if it becomes too much
   */
  Optional<LedgerException> add(Measurement measurement, SortedSet<String> running);

  /**
   * What began from one instant on and before another, cut into equal parts; parts in which nothing
   * began are left out. What is added up by minute counts as begun when its minute began.
   *
   * @param most into how many parts, 1 or more
   * @throws LedgerException if it could not be read
   */
  List<DownsampledSlot> between(Instant from, Instant to, int most);

  /**
   * The measurements that were added last and are still kept as they were made, in the order in
   * which they were added.
   *
   * @param most at most so many, 0 or more
   * @throws LedgerException if they could not be read
   */
  List<Measurement> latest(int most);

  /**
   * What there was of a run until now, over all the processes that measured it; empty if nothing
   * was measured, or it was pruned.
   *
   * @throws LedgerException if it could not be read
   */
  Optional<RunMeasures> ofRun(String invocation);

  /** How many steps of cooling are kept. */
  int STEPS_KEPT = 1_000;

  /**
   * Keeps a step of cooling, the last {@link #STEPS_KEPT} of them; written at once, as they are
   * rare.
   *
   * @return why it could not be kept; empty if it was
   */
  Optional<LedgerException> add(CoolingStep step);

  /**
   * The steps of cooling that were added last, the latest first.
   *
   * @param most at most so many, 0 or more
   * @throws LedgerException if they could not be read
   */
  List<CoolingStep> steps(int most);

  /**
   * Writes out what was added.
   *
   * @throws LedgerException if it could not be written; it is kept, as {@link #add} says
   */
  void flush();

  /**
   * Forgets runs that were measured last long ago, the one measured first goes first. How long ago
   * is counted in measured time, so no wall clock disturbs it; time in which nobody measured makes
   * it keep them longer. Runs are forgotten by this only. Takes small steps, between which others
   * can read and write; writes out first what was added.
   *
   * @param unmeasuredFor all that were not measured for at least so long
   * @param most at most so many
   * @return how many were forgotten
   * @throws LedgerException if it had to end early; what was forgotten until then stays so
   */
  int prune(Duration unmeasuredFor, int most);

  /**
   * Writes out what was added, if that is possible, and closes; fails at nothing. Afterwards
   * reading and flushing fail, and what is added is dropped, both with a {@link LedgerException}.
   */
  @Override
  void close();
}
