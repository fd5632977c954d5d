package io.coord.persistence;

import org.jspecify.annotations.Nullable;

/**
 * The ledger, or the store of measurements, could not do what was asked; nothing of it was done
 * unless the method says so.
 */
public class LedgerException extends RuntimeException {

  /** What kind of obstacle it was, which says whether it can go away by itself. */
  public enum Kind {
    /** No space, or no more of a quota; the same call succeeds once there is some. */
    DISK_FULL,
    /** File, folder or file system cannot be written; the same call succeeds once it can be. */
    READ_ONLY,
    /** Another process held the lock for too long; the same call succeeds once it lets go. */
    LOCKED,
    /** The file is damaged; it stays so, and what is written to it may be lost. */
    CORRUPT,
    /** Anything else. */
    OTHER
  }

  private final Kind kind;

  public LedgerException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Of the kind {@link Kind#OTHER}. */
  public LedgerException(String message, @Nullable Throwable cause) {
    this(Kind.OTHER, message, cause);
  }

  /** What kind of obstacle it was. */
  public Kind kind() {
    return kind;
  }
}
