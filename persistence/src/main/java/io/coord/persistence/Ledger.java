package io.coord.persistence;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;

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

  /**
   * What tells this ledger from every other one: 32 hexadecimal digits. It stays when the ledger is
   * opened again and in a backup; a backup that is put back in place of a ledger gets another one.
   */
  String id();

  /**
   * Hands over each experiment that is not in a final state, by sequence, one after the other:
   * there may be more than fit in the memory at once.
   *
   * @param reader called in this thread; may read the ledger meanwhile
   */
  void eachActive(Consumer<Experiment> reader);

  /** All experiments that are not in a final state, by sequence. */
  default List<Experiment> active() {
    List<Experiment> all = new ArrayList<>();
    eachActive(all::add);
    return all;
  }

  /** The experiment with this id, in any state; empty if it was never enqueued, or was pruned. */
  Optional<Experiment> find(String id);

  /** The spec of the experiment with this id; empty under the same conditions. */
  Optional<String> spec(String id);

  /**
   * Hands over the id of each experiment that has not ended, with the size of its spec in bytes.
   */
  void eachSpecSize(ObjIntConsumer<String> reader);

  /** Whether this id was ever used, even if its experiment has been pruned. */
  boolean wasUsed(String id);

  /**
   * The ids that were enqueued last, the latest first, those of pruned experiments left out.
   *
   * @param limit the most to return
   */
  List<String> latestIds(int limit);

  /**
   * The experiments that ended last, the latest first.
   *
   * @param limit the most to return
   */
  List<Experiment> ended(int limit);

  /** The runs of one experiment by number; empty if it has none or is not known. */
  List<Run> runs(String id);

  /**
   * The latest runs of one experiment, by number.
   *
   * @param limit the most to return; the cost does not depend on how many there are
   */
  List<Run> lastRuns(String id, int limit);

  /** The transitions of one experiment in the order in which they were committed. */
  List<Transition> transitions(String id);

  /**
   * The latest transitions of one experiment, in the order in which they were committed.
   *
   * @param limit the most to return; the cost does not depend on how many there are
   */
  List<Transition> lastTransitions(String id, int limit);

  /** The largest sequence that was ever used; 0 if there is none. */
  long lastSequence();

  /** The boot that was seen last; empty on a new ledger. */
  Optional<String> lastBoot();

  /** All time that passed by {@link Change.TimePassed}, independent of the wall clock. */
  Duration age();

  /** What the last coordinator left; {@link CoordinatorState#INITIAL} on a new ledger. */
  CoordinatorState coordinatorState();

  /** All schedules, by id. */
  List<Schedule> schedules();

  /** All breakers that are not closed, by owner and command. */
  List<BreakerState> breakers();

  /**
   * Deletes experiments that ended long ago, with their runs and transitions, the first to end
   * first; their ids stay used. How long ago is counted in the ledger's {@link #age}: a wall clock
   * that is wrong, or was wrong when they ended, deletes nothing too early and keeps nothing
   * permanently. Time that nobody counted keeps them longer.
   *
   * <p>Takes small steps, between which a commit can be made.
   *
   * @param endedFor deletes what ended at least this long ago
   * @param limit the most to delete
   * @param excluded ids of experiments that are kept in any case
   * @return how many were deleted
   * @throws LedgerException if it had to stop early; what was deleted before stays deleted
   */
  int prune(Duration endedFor, int limit, Set<String> excluded);

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
   * until the ledger is opened again. What is still readable is read, and what still can be stored
   * is stored: the caller decides whether to add anything to it.
   */
  Optional<String> damage();

  /**
   * The settings of the store, read from the connection that writes.
   *
   * @throws LedgerException if it cannot be read
   */
  Storage storage();

  @Override
  void close();
}
