package io.coord.persistence;

import org.jspecify.annotations.Nullable;

/** The ledger could not do what was asked; nothing of it was done. */
public class LedgerException extends RuntimeException {
  public LedgerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
