package io.coord.persistence.sqlite;

import io.coord.persistence.Change;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** Messages for failures: cannot, what, in which file, why, and what follows. */
final class SqliteFailure {

  /** A device with less free space than this is full: SQLite's shared memory takes most of it. */
  private static final long ALMOST_FULL_BYTES = 64 << 10;

  private SqliteFailure() {}

  static LedgerException opening(Database database, Throwable cause) {
    return opening(database, kind(cause, database.file()), why(cause, database), cause);
  }

  static LedgerException refusal(Database database, Kind kind, String why) {
    return opening(database, kind, why, null);
  }

  private static LedgerException opening(
      Database database, Kind kind, String why, @Nullable Throwable cause) {
    String then =
        Files.exists(database.file()) ? "the file is left unchanged" : "no file was created";
    return new OpeningException(
        kind,
        "cannot open %s '%s': %s; %s".formatted(database.what(), database.file(), why, then),
        why,
        cause);
  }

  static LedgerException renaming(Database database, String damage, IOException cause) {
    return new LedgerException(
        kind(cause, database.file()),
        "cannot rename %s '%s' (%s): %s; the file keeps its name"
            .formatted(database.what(), database.file(), damage, why(cause, database)),
        cause);
  }

  static LedgerException storing(Database database, List<Change> changes, Throwable cause) {
    return new LedgerException(
        kind(cause, database.file()),
        "cannot store %s in '%s': %s; nothing was stored"
            .formatted(words(changes), database.file(), why(cause, database)),
        cause);
  }

  static LedgerException reading(Database database, String what, Throwable cause) {
    return new LedgerException(
        kind(cause, database.file()),
        "cannot read %s from '%s': %s".formatted(what, database.file(), why(cause, database)),
        cause);
  }

  static LedgerException pruning(Database database, int deleted, Throwable cause) {
    return new LedgerException(
        kind(cause, database.file()),
        "cannot delete old experiments from '%s': %s; %d have been deleted"
            .formatted(database.file(), why(cause, database), deleted),
        cause);
  }

  static LedgerException checking(Database database, Throwable cause) {
    return new LedgerException(
        kind(cause, database.file()),
        "cannot check ledger '%s' completely: %s".formatted(database.file(), why(cause, database)),
        cause);
  }

  static LedgerException measuring(Database database, Throwable cause) {
    return new LedgerException(
        kind(cause, database.file()),
        "cannot store measurements in '%s': %s; the latest stay in memory and are written later"
            .formatted(database.file(), why(cause, database)),
        cause);
  }

  static LedgerException pruningRuns(Database database, int deleted, Throwable cause) {
    return new LedgerException(
        kind(cause, database.file()),
        "cannot delete the measures of old runs from '%s': %s; %d have been deleted"
            .formatted(database.file(), why(cause, database), deleted),
        cause);
  }

  static LedgerException backingUp(Database database, Path target, Throwable cause) {
    String why =
        cause instanceof FileAlreadyExistsException
            ? "the file already exists; it is left unchanged"
            : cause instanceof NotDirectoryException folder
                ? "'%s' is not a folder; no file was created".formatted(folder.getFile())
                : why(cause, database) + "; no file was created";
    return new LedgerException(
        kind(cause, target),
        "cannot copy ledger '%s' to '%s': %s".formatted(database.file(), target, why),
        cause);
  }

  static LedgerException closed(Database database, String what) {
    return new LedgerException(
        "cannot %s: %s '%s' is closed".formatted(what, database.what(), database.file()), null);
  }

  /** Whether SQLite refused because the data breaks a rule of the schema. */
  static boolean isConstraint(Throwable failure) {
    SQLException sql = sqlIn(failure);
    return sql != null && code(sql) == SQLiteErrorCode.SQLITE_CONSTRAINT;
  }

  static String words(List<Change> changes) {
    String first = changes.get(0).words();
    int more = changes.size() - 1;
    return switch (more) {
      case 0 -> first;
      case 1 -> first + " and 1 more change";
      default -> first + " and " + more + " more changes";
    };
  }

  /** What kind of obstacle a failure at this file is. */
  static Kind kind(Throwable failure, Path file) {
    SQLException sql = sqlIn(failure);
    if (sql == null) {
      return failure instanceof AccessDeniedException
          ? Kind.READ_ONLY
          : failure instanceof IOException ? kindOfPlace(file) : Kind.OTHER;
    }
    if (sql.getErrorCode() == SQLiteErrorCode.SQLITE_READONLY_DBMOVED.code) {
      return Kind.OTHER;
    }
    return switch (code(sql)) {
      case SQLITE_FULL -> Kind.DISK_FULL;
      case SQLITE_BUSY, SQLITE_LOCKED -> Kind.LOCKED;
      case SQLITE_READONLY -> Kind.READ_ONLY;
      case SQLITE_NOTADB, SQLITE_CORRUPT -> Kind.CORRUPT;
      case SQLITE_IOERR, SQLITE_CANTOPEN -> kindOfPlace(file);
      default -> Kind.OTHER;
    };
  }

  /**
   * What is wrong with the place, for failures that do not say: a file system that has become
   * read-only, or a quota that is used up, shows as a plain input/output error.
   */
  private static Kind kindOfPlace(Path file) {
    Path place = file;
    while (!Files.exists(place) && !place.equals(Database.folderOf(place))) {
      place = Database.folderOf(place);
    }
    if (!Files.isWritable(place) || !Files.isWritable(Database.folderOf(place))) {
      return Kind.READ_ONLY;
    }
    try {
      return Files.getFileStore(place).getUsableSpace() < ALMOST_FULL_BYTES
          ? Kind.DISK_FULL
          : Kind.OTHER;
    } catch (IOException e) {
      return Kind.OTHER;
    }
  }

  static String why(Throwable failure, Database database) {
    SQLException sql = sqlIn(failure);
    if (sql == null) {
      return plain(failure);
    }
    if (sql.getErrorCode() == SQLiteErrorCode.SQLITE_READONLY_DBMOVED.code) {
      return "the file has been moved or deleted";
    }
    return switch (code(sql)) {
      case SQLITE_FULL -> "no space left on the device";
      case SQLITE_BUSY, SQLITE_LOCKED ->
          "another process has held its lock for more than %d ms"
              .formatted(database.busyTimeout().toMillis());
      case SQLITE_READONLY -> "the file or its folder is not writable";
      case SQLITE_CANTOPEN -> "the file, or a file that SQLite keeps with it, cannot be opened";
      case SQLITE_INTERRUPT -> "the file is being closed";
      case SQLITE_PERM, SQLITE_AUTH -> "permission denied";
      case SQLITE_NOTADB -> "not an SQLite database";
      case SQLITE_CORRUPT -> "the file is damaged";
      case SQLITE_IOERR -> "input/output error (" + sql.getMessage() + ")";
      default -> String.valueOf(sql.getMessage());
    };
  }

  static String plain(Throwable failure) {
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
