package io.coord.persistence.sqlite;

import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import java.sql.SQLException;
import java.util.function.ToIntFunction;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The connection that writes, opened again if it had to be given up. For one thread at a time, who
 * sees to that.
 */
final class Writer {
  private final Database database;
  private @Nullable Handle handle;

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
      Database.execute(open, "BEGIN IMMEDIATE");
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

  private void rollBack(Handle open) {
    try {
      Database.execute(open, "ROLLBACK");
    } catch (SQLException e) {
      // There was none, SQLite has rolled back by itself, or it cannot: closing is good for all.
      close();
    }
  }

  /** Opens the connection anew next time, if it could not write. */
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
