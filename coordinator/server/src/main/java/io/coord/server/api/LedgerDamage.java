package io.coord.server.api;

import io.coord.persistence.Ledger;
import io.coord.scheduler.core.decision.Refusal;
import java.util.Optional;

/** What follows from damage that was found in the database while it is in use. */
public final class LedgerDamage {
  /** What the coordinator does then, and what the operator should do. */
  public static final String CONSEQUENCE =
      "new requests are refused, running experiments continue; copy the file, then restart the"
          + " coordinator: the damaged file is renamed and a new database is created";

  private LedgerDamage() {}

  /** The damage and its consequence; empty if no damage is known. */
  static Optional<String> of(Ledger ledger) {
    return ledger.damage().map(damage -> damage + "; " + CONSEQUENCE);
  }

  /**
   * Refuses to store something: a database that will be replaced would lose it.
   *
   * @param action what was asked for, after "cannot"
   */
  static Optional<Refusal> refusal(Ledger ledger, String action) {
    return of(ledger)
        .map(
            damage ->
                new Refusal(Refusal.Code.STORAGE_DAMAGED, "cannot " + action + ": " + damage));
  }
}
