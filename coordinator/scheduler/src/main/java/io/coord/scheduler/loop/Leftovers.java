package io.coord.scheduler.loop;

import java.util.Optional;

/**
 * What experiments leave besides the ledger: units, exit records, folders, output. After a loss of
 * the ledger they belong to experiments that it does not know, and a new one must not get their
 * ids: it would be taken for the old one.
 */
public interface Leftovers {
  /** Nothing is left of anything. */
  Leftovers NONE = id -> Optional.empty();

  /** What is left of an experiment with this id, in words; empty if nothing is. */
  Optional<String> of(String id);
}
