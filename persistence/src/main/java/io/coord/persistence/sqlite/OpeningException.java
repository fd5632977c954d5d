package io.coord.persistence.sqlite;

import io.coord.persistence.LedgerException;
import org.jspecify.annotations.Nullable;

/** A ledger could not be opened; keeps the reason apart from the sentence around it. */
final class OpeningException extends LedgerException {
  private final String why;

  OpeningException(Kind kind, String message, String why, @Nullable Throwable cause) {
    super(kind, message, cause);
    this.why = why;
  }

  /** The reason alone, for example {@code the file is damaged}. */
  String why() {
    return why;
  }
}
