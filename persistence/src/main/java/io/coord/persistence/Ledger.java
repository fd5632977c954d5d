package io.coord.persistence;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The records that outlive the process.
 *
 * <p>{@link #commit} is for one thread at a time; all other methods may be called from any thread
 * at any time, and the reading ones see whole commits only.
 */
public interface Ledger extends AutoCloseable {

  /**
   * Stores all the changes or none of them. When this returns, no crash and no power cut loses them
   * (as far as the disk honours flushes).
   *
   * @throws IdTakenException if an {@link Change.Enqueued} names an id that was ever used, also if
   *     its experiment has been pruned
   * @throws LedgerException if they could not be stored; nothing was
   */
  void commit(List<Change> changes);

  /** All experiments that are not in a final state, by sequence. */
  List<Experiment> active();

  /** The experiment with this id, in any state; empty if it was never enqueued, or was pruned. */
  Optional<Experiment> find(String id);

  /** What {@link #find}, {@link #runs} and {@link #transitions} say, all of the same moment. */
  Optional<History> history(String id);

  /** Whether this id was ever given out, also if its experiment has been pruned. */
  boolean wasUsed(String id);

  /**
   * The experiments that ended last, the latest first.
   *
   * @param limit at most so many
   */
  List<Experiment> ended(int limit);

  /** The runs of one experiment by number; empty if it has none or is not known. */
  List<Run> runs(String id);

  /** The transitions of one experiment in the order in which they were committed. */
  List<Transition> transitions(String id);

  /** The largest sequence that was ever given out; 0 if none was. */
  long lastSequence();

  /** The boot that was seen last; empty on a new ledger. */
  Optional<String> lastBoot();

  /** All that passed by {@link Change.TimePassed}; no wall clock disturbs it. */
  Duration age();

  /** The value that was noted under this name; empty if there is none. */
  Optional<String> note(String name);

  /** All schedules, by id. */
  List<Schedule> schedules();

  /** All groups that were ever set, by name. */
  List<GroupState> groups();

  /**
   * Deletes experiments that ended long ago, with their runs and transitions; that their ids were
   * used stays known. The one that ended first goes first. For retention: how long ago is counted
   * in the ledger's {@link #age}, so a clock that is wrong, or was wrong when they ended, deletes
   * nothing too early and keeps nothing for ever. Time that nobody counted makes it keep them
   * longer.
   *
   * <p>Takes small steps, between which a commit can be made.
   *
   * @param endedFor all that ended at least so long ago
   * @param most at most so many
   * @param excluded ids of experiments that are kept all the same
   * @return how many were deleted
   * @throws LedgerException if it had to end early; what was deleted until then stays deleted
   */
  int prune(Duration endedFor, int most, Set<String> excluded);

  /** As {@link #prune(Duration, int, Set)}, sparing none. */
  default int prune(Duration endedFor, int most) {
    return prune(endedFor, most, Set.of());
  }

  /**
   * Deletes experiments that ended before an instant, as {@link #prune(Duration, int, Set)} does.
   * For an operator who names a date: it compares the times that the wall clock showed when they
   * ended.
   *
   * <p>As the order of the ends is known whatever the clock showed, nothing is deleted as long as
   * something that ended before it is kept: a time that is too early, from a clock that was behind,
   * is not believed if the experiment ended after one that stays. (A time too late, from a clock
   * that was ahead, keeps all that ended after it until then.)
   */
  int prune(Instant endedBefore, int most);

  /**
   * Writes a copy of the whole, as it is at one moment, to a new file of mode 0600, while reading
   * and committing go on. When this returns, no power cut loses it; until then there is no file of
   * that name.
   *
   * @throws LedgerException if there is a file of that name already, which is left as it is, or if
   *     the copy could not be made; nothing is left of it
   */
  void backup(Path file);

  /**
   * Reads the whole, to find damage that no other method has met yet; reading and committing go on
   * meanwhile. Takes seconds for a long history.
   *
   * @return what {@link #damage} says then
   * @throws LedgerException if it could not be read to the end
   */
  Optional<String> check();

  /**
   * What is wrong with what is stored, as far as anybody has met it; empty is normal. It stays so
   * until the ledger is opened anew. What is still readable is read, and what still can be stored
   * is stored: whether to add anything to it is for the caller to say.
   */
  Optional<String> damage();

  /**
   * How it keeps what it is given, asked of the connection that stores it.
   *
   * @throws LedgerException if it cannot be read
   */
  Storage storage();

  @Override
  void close();
}
