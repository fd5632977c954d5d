package io.coord.persistence;

import java.util.List;
import java.util.Optional;

/**
 * The records that outlive the process.
 *
 * <p>{@link #commit} is for one thread at a time; the reading methods may be called from any thread
 * at any time and see whole commits only.
 */
public interface Ledger extends AutoCloseable {

  /**
   * Stores all the changes or none of them. When this returns, no crash and no power cut loses them
   * (as far as the disk honours flushes).
   *
   * @throws IdTakenException if an {@link Change.Enqueued} names an id that was ever used
   * @throws LedgerException if they could not be stored; nothing was
   */
  void commit(List<Change> changes);

  /** All experiments that are not in a final state, by sequence. */
  List<Experiment> active();

  /** The experiment with this id, in any state; empty if it was never enqueued. */
  Optional<Experiment> find(String id);

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

  @Override
  void close();
}
