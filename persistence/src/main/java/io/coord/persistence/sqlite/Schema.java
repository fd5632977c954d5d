package io.coord.persistence.sqlite;

import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The ordered migrations; the schema version of a file is how many of them it has had.
 *
 * @param applicationId distinguishes its files from other SQLite files
 * @param scripts names of resources beside this class; released ones never change
 */
record Schema(long applicationId, List<String> scripts) {

  /** The schema of the ledger that this program writes. */
  static final Schema CURRENT =
      new Schema(
          List.of(
              "V1__experiments_runs_transitions.sql",
              "V2__ids_time_schedules_groups.sql",
              "V3__coordinator_state.sql",
              "V4__breakers_requirements_ledger_id.sql"));

  /** The answer of SQLite's checks for a file without damage. */
  static final String WHOLE = "ok";

  /** Also compares each index with its table. */
  private static final String WHOLE_CHECK = "PRAGMA integrity_check(1)";

  private static final long LEDGER = 0x636f6f72;

  private static final long MEASUREMENTS = 0x6d656173;

  /** The schema of the measurements that this program writes. */
  static final Schema OF_MEASUREMENTS =
      new Schema(MEASUREMENTS, List.of("M1__seconds_minutes_runs.sql"));

  /** A schema of the ledger. */
  Schema(List<String> scripts) {
    this(LEDGER, scripts);
  }

  Schema {
    scripts = List.copyOf(scripts);
  }

  /**
   * Refuses a file that is not a database of this kind, has a newer schema, or is damaged; writes
   * nothing. Reads the head of the file and one row of each table and index; everything if the file
   * was found damaged while in use.
   *
   * @throws LedgerException saying what it is instead
   */
  void check(Database database) throws IOException {
    if (database.isTooShort()) {
      throw SqliteFailure.refusal(database, Kind.CORRUPT, "not an SQLite database");
    }
    try (Handle handle = database.connectInspector()) {
      long application = number(handle, "PRAGMA application_id");
      if (application != applicationId
          && number(handle, "SELECT count(*) FROM sqlite_schema") > 0) {
        throw SqliteFailure.refusal(
            database,
            Kind.OTHER,
            "the file is a database, but not a %s of coord".formatted(database.what()));
      }
      refuseNewer(database, version(handle));
      if (database.isMarked()) {
        String result = handle.createQuery(WHOLE_CHECK).mapTo(String.class).one();
        if (!result.equals(WHOLE)) {
          throw SqliteFailure.refusal(database, Kind.CORRUPT, "the file is damaged: " + result);
        }
      } else {
        probeEachTree(handle);
      }
    }
  }

  /**
   * Refuses a file that no ledger has ever been in; {@link #check} takes an empty database for a
   * new one.
   */
  void requireOwn(Database database) throws IOException {
    try {
      check(database);
      if (!isOwn(database)) {
        throw SqliteFailure.refusal(
            database,
            Kind.OTHER,
            "the file is a database, but not a %s of coord".formatted(database.what()));
      }
    } catch (JdbiException e) {
      throw SqliteFailure.opening(database, e);
    }
  }

  /** Whether the file is of this kind, whatever its schema version; changes nothing. */
  boolean isOwn(Database database) throws IOException {
    try (Handle handle = database.connectInspector()) {
      return number(handle, "PRAGMA application_id") == applicationId;
    }
  }

  /** Reads one row of each table and each index, which takes some milliseconds. */
  private static void probeEachTree(Handle handle) {
    List<String> queries =
        handle
            .createQuery("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE rootpage > 0")
            .map(
                (row, context) -> {
                  String table = "\"" + row.getString("tbl_name") + "\"";
                  if (row.getString("type").equals("table")) {
                    return "SELECT * FROM " + table + " NOT INDEXED LIMIT 1";
                  }
                  String sql = row.getString("sql");
                  int where = sql == null ? -1 : sql.indexOf(" WHERE ");
                  return "SELECT 1 FROM "
                      + table
                      + " INDEXED BY \""
                      + row.getString("name")
                      + "\""
                      + (where < 0 ? "" : sql.substring(where))
                      + " LIMIT 1";
                })
            .list();
    for (String query : queries) {
      handle.createQuery(query).mapToMap().list();
    }
  }

  /**
   * Reads the whole file as it is at this moment, over a connection of its own.
   *
   * @param givenUp called repeatedly; ends the reading with an exception when it returns true
   * @return {@link #WHOLE}, or what is wrong
   */
  static String check(Database database, BooleanSupplier givenUp) throws SQLException {
    try (Handle handle = database.connectReader()) {
      Database.giveUpWhen(handle, givenUp);
      return handle.createQuery(WHOLE_CHECK).mapTo(String.class).one();
    }
  }

  /**
   * Whether the file is damaged, seen under SQLite's locks: unlike {@link #check}, no process that
   * is writing to it can make a whole file look damaged.
   */
  boolean isDamaged(Database database) throws IOException {
    if (database.isTooShort()) {
      return true;
    }
    try (Handle handle = database.connectReader()) {
      return !handle.createQuery(WHOLE_CHECK).mapTo(String.class).one().equals(WHOLE);
    } catch (JdbiException e) {
      return SqliteFailure.kind(e, database.file()) == Kind.CORRUPT;
    }
  }

  /** Whether a newer program has written this file, which is one of this kind. */
  boolean isNewer(Database database) {
    try (Handle handle = database.connectReader()) {
      return number(handle, "PRAGMA application_id") == applicationId
          && version(handle) > scripts.size();
    }
  }

  /**
   * A connection that writes to a file of this schema, which is created if there is none and
   * migrated if it is older.
   *
   * @throws LedgerException saying what the file is instead, or that it is damaged
   */
  Handle connect(Database database) throws IOException, SQLException {
    database.createIfMissing();
    if (Files.size(database.file()) > 0) {
      check(database);
    }
    database.requireWritable();
    database.makePrivate();
    @Nullable Handle writer = database.connectWriter();
    try {
      migrate(database, writer);
      database.clearMark();
      Handle connected = writer;
      writer = null;
      return connected;
    } finally {
      if (writer != null) {
        writer.close();
      }
    }
  }

  /**
   * Brings the file to this schema, in one transaction. It takes the lock even if it changes
   * nothing, so a file that cannot be written is refused now and not at the first commit.
   */
  private void migrate(Database database, Handle writer) throws SQLException {
    Database.execute(writer, "BEGIN IMMEDIATE");
    boolean committed = false;
    try {
      int from = version(writer);
      refuseNewer(database, from);
      for (int next = from; next < scripts.size(); next++) {
        Database.execute(writer, text(scripts.get(next)));
        Database.execute(writer, "PRAGMA user_version = " + (next + 1));
      }
      Database.execute(writer, "COMMIT");
      committed = true;
    } finally {
      if (!committed) {
        Database.execute(writer, "ROLLBACK");
      }
    }
  }

  private void refuseNewer(Database database, int version) {
    if (version > scripts.size()) {
      throw SqliteFailure.refusal(
          database,
          Kind.OTHER,
          "schema version %d is newer than version %d of this program; use the newer program"
              .formatted(version, scripts.size()));
    }
  }

  static int version(Handle handle) {
    return Math.toIntExact(number(handle, "PRAGMA user_version"));
  }

  private static long number(Handle handle, String sql) {
    return handle.createQuery(sql).mapTo(long.class).one();
  }

  private static String text(String script) {
    try (InputStream in = Schema.class.getResourceAsStream(script)) {
      if (in == null) {
        throw new IllegalStateException("migration '" + script + "' is not in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
