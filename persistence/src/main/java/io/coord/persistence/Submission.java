package io.coord.persistence;

import java.time.Instant;
import java.util.Optional;

/**
 * What was asked for when an experiment was enqueued; never changed afterwards.
 *
 * @param owner the user who enqueued it
 * @param spec the request as JSON text, kept as given
 * @param priority larger goes first
 * @param ramBytes the memory that admission reserves for it
 * @param enqueuedAt when the enqueue was acknowledged
 * @param requestedPowerMode the power mode that the spec names, as this board lists it; empty if
 *     the spec names none
 * @param ledger {@link Ledger#id} of the ledger in which it was enqueued; empty for the one that
 *     stores it
 */
public record Submission(
    String owner,
    String spec,
    int priority,
    long ramBytes,
    Instant enqueuedAt,
    Optional<StoredPowerMode> requestedPowerMode,
    Optional<String> ledger) {

  /** Of the ledger that stores it. */
  public Submission(
      String owner,
      String spec,
      int priority,
      long ramBytes,
      Instant enqueuedAt,
      Optional<StoredPowerMode> requestedPowerMode) {
    this(owner, spec, priority, ramBytes, enqueuedAt, requestedPowerMode, Optional.empty());
  }
}
