package io.coord.persistence;

import java.time.Instant;
import java.util.Optional;

/**
 * What was asked for when an experiment was enqueued, without the spec; never changed afterwards.
 * The spec itself may be long: {@link Ledger#spec}.
 *
 * @param owner the user who enqueued it
 * @param priority larger goes first
 * @param ramBytes the memory that admission reserves for it
 * @param enqueuedAt when the enqueue was acknowledged
 * @param requestedPowerMode the power mode that the spec names, as this board lists it; empty if
 *     the spec names none
 * @param ledger {@link Ledger#id} of the ledger in which it was enqueued; empty for the one that
 *     stores it
 * @param requirements what the spec requires for a start; empty if a version has stored it that did
 *     not know that, or if nobody can read the spec
 */
public record Submission(
    String owner,
    int priority,
    long ramBytes,
    Instant enqueuedAt,
    Optional<StoredPowerMode> requestedPowerMode,
    Optional<String> ledger,
    Optional<Requirements> requirements) {

  /** Of the ledger that stores it. */
  public Submission(
      String owner,
      int priority,
      long ramBytes,
      Instant enqueuedAt,
      Optional<StoredPowerMode> requestedPowerMode,
      Optional<Requirements> requirements) {
    this(owner, priority, ramBytes, enqueuedAt, requestedPowerMode, Optional.empty(), requirements);
  }

  /** The same as a ledger with this id stores it: without its own id. */
  public Submission seenFrom(String id) {
    return new Submission(
        owner,
        priority,
        ramBytes,
        enqueuedAt,
        requestedPowerMode,
        ledger.filter(other -> !other.equals(id)),
        requirements);
  }

  /** This submission with what its spec requires. */
  public Submission withRequirements(Requirements known) {
    return new Submission(
        owner, priority, ramBytes, enqueuedAt, requestedPowerMode, ledger, Optional.of(known));
  }
}
