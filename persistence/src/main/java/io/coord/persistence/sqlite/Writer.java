package io.coord.persistence.sqlite;

import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.ToIntFunction;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The connection that writes, opened again if it had to be closed. For one thread at a time; the
 * caller holds a lock.
 */
final class Writer {

  /**
   * How long to wait for a lock once waiting for it has failed. A caller that stores one thing
   * after another must not wait the full time for each of them.
   */
  private static final Duration BUSY_AGAIN_TIMEOUT = Duration.ofMillis(50);

  private final Database database;
  private @Nullable Handle handle;
  private boolean lockWasHeld;

  Writer(Database database, Handle handle) {
    this.database = database;
    this.handle = handle;
  }

  /** The connection, opened again if it was given up. */
  Handle handle() {
    if (handle == null) {
      handle = database.connectWriter();
    }
    return handle;
  }

  /** All that the work does, or nothing of it. */
  int transact(ToIntFunction<Handle> work) throws SQLException {
    Handle open = handle();
    boolean committed = false;
    try {
      begin(open);
      int result = work.applyAsInt(open);
      Database.execute(open, "COMMIT");
      committed = true;
      return result;
    } finally {
      if (!committed) {
        rollBack(open);
      }
    }
  }

  /** How long the next transaction waits for another process that holds the lock. */
  Duration patience() {
    return lockWasHeld && database.busyTimeout().compareTo(BUSY_AGAIN_TIMEOUT) > 0
        ? BUSY_AGAIN_TIMEOUT
        : database.busyTimeout();
  }

  private void begin(Handle open) throws SQLException {
    Database.execute(open, "PRAGMA busy_timeout = " + patience().toMillis());
    try {
      Database.execute(open, "BEGIN IMMEDIATE");
      lockWasHeld = false;
    } catch (SQLException e) {
      lockWasHeld = SqliteFailure.kind(e, database.file()) == Kind.LOCKED;
      throw e;
    }
  }

  private void rollBack(Handle open) {
    try {
      Database.execute(open, "ROLLBACK");
    } catch (SQLException e) {
      // There was none, SQLite has rolled back by itself, or it cannot: closing is good for all.
      close();
    }
  }

  /** Has the connection opened again at the next use, if it could not write. */
  void giveUpAfter(LedgerException failure) {
    if (failure.kind() == Kind.READ_ONLY) {
      // Opened while nothing could be written, a connection stays one that cannot write.
      close();
    }
  }

  /** Closes the connection; nothing happens if there is none. */
  void close() {
    @Nullable Handle open = handle;
    handle = null;
    if (open != null) {
      open.close();
    }
  }
}
