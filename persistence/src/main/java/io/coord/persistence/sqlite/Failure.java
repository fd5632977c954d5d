package io.coord.persistence.sqlite;

import io.coord.persistence.Change;
import io.coord.persistence.LedgerException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** Failures in the reader's words: cannot, what, in which file, why. */
final class Failure {

  private Failure() {}

  static LedgerException opening(Database database, Throwable cause) {
    return new LedgerException(
        "cannot open ledger '%s': %s; %s"
            .formatted(
                database.file(),
                why(cause, database),
                Files.exists(database.file()) ? "the file is left as it is" : "no file was made"),
        cause);
  }

  static LedgerException storing(Database database, List<Change> changes, Throwable cause) {
    return new LedgerException(
        "cannot store %s in '%s': %s; nothing of it was stored"
            .formatted(words(changes), database.file(), why(cause, database)),
        cause);
  }

  static LedgerException reading(Database database, String what, Throwable cause) {
    return new LedgerException(
        "cannot read %s from '%s': %s".formatted(what, database.file(), why(cause, database)),
        cause);
  }

  static LedgerException closed(Database database, String what) {
    return new LedgerException(
        "cannot %s: ledger '%s' is closed".formatted(what, database.file()), null);
  }

  /** Whether SQLite refused because the data breaks a rule of the schema. */
  static boolean isConstraint(Throwable failure) {
    SQLException sql = sqlIn(failure);
    return sql != null && code(sql) == SQLiteErrorCode.SQLITE_CONSTRAINT;
  }

  static String words(List<Change> changes) {
    String first = words(changes.get(0));
    int more = changes.size() - 1;
    return switch (more) {
      case 0 -> first;
      case 1 -> first + " and 1 more change";
      default -> first + " and " + more + " more changes";
    };
  }

  private static String words(Change change) {
    if (change instanceof Change.Enqueued enqueued) {
      return "experiment '" + enqueued.id() + "'";
    }
    if (change instanceof Change.Moved moved) {
      return "the move of '%s' to %s".formatted(moved.id(), moved.to().state().word());
    }
    if (change instanceof Change.RunStarted started) {
      return "run %d of '%s'".formatted(started.number(), started.id());
    }
    if (change instanceof Change.RunEnded ended) {
      return "the end of run '%s' of '%s'".formatted(ended.invocation(), ended.id());
    }
    if (change instanceof Change.Progressed progressed) {
      return "the progress of '" + progressed.id() + "'";
    }
    return change instanceof Change.BootSeen boot ? "boot '" + boot.bootId() + "'" : "a change";
  }

  private static String why(Throwable failure, Database database) {
    SQLException sql = sqlIn(failure);
    if (sql == null) {
      return plain(failure);
    }
    SQLiteErrorCode code = code(sql);
    return switch (code) {
      case SQLITE_FULL -> "no space left on the device";
      case SQLITE_BUSY, SQLITE_LOCKED ->
          "another process has held its lock for more than %d ms"
              .formatted(database.busyTimeout().toMillis());
      case SQLITE_READONLY -> "the file or its folder cannot be written";
      case SQLITE_CANTOPEN -> "the file or one beside it cannot be opened";
      case SQLITE_PERM, SQLITE_AUTH -> "permission denied";
      case SQLITE_NOTADB -> "it is not an SQLite database";
      case SQLITE_CORRUPT -> "it is damaged";
      case SQLITE_IOERR -> "input/output error (" + sql.getMessage() + ")";
      default -> String.valueOf(sql.getMessage());
    };
  }

  private static String plain(Throwable failure) {
    if (failure instanceof AccessDeniedException denied) {
      return "no permission to write '" + denied.getFile() + "'";
    }
    if (failure instanceof FileSystemException files) {
      String reason = files.getReason();
      return "'%s': %s"
          .formatted(files.getFile(), reason == null ? files.getClass().getSimpleName() : reason);
    }
    return String.valueOf(failure.getMessage());
  }

  private static SQLiteErrorCode code(SQLException sql) {
    // The low byte is the primary code; extended ones only say more.
    return SQLiteErrorCode.getErrorCode(sql.getErrorCode() & 0xff);
  }

  private static @Nullable SQLException sqlIn(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof SQLException sql && sql.getErrorCode() != 0) {
        return sql;
      }
    }
    return null;
  }
}
