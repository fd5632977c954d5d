package io.coord.persistence.sqlite;

import io.coord.persistence.LedgerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * The ordered migrations; the schema version of a file is how many of them it has had.
 *
 * @param scripts names of resources beside this class; released ones never change
 */
record Schema(List<String> scripts) {

  /** The schema that this program writes. */
  static final Schema CURRENT = new Schema(List.of("V1__experiments_runs_transitions.sql"));

  private static final long APPLICATION_ID = 0x636f6f72;

  Schema {
    scripts = List.copyOf(scripts);
  }

  /**
   * Refuses a file that is not a whole ledger which this program knows; reads it only.
   *
   * @throws LedgerException saying what it is instead
   */
  void check(Database database) throws IOException {
    if (database.isTooShort()) {
      throw refusal(database, "it is not an SQLite database");
    }
    try (Handle handle = database.connectInspector()) {
      long application = number(handle, "PRAGMA application_id");
      if (application != APPLICATION_ID
          && number(handle, "SELECT count(*) FROM sqlite_schema") > 0) {
        throw refusal(database, "it is a database, but not a ledger of coord");
      }
      refuseNewer(database, version(handle));
      String verdict = handle.createQuery("PRAGMA quick_check(1)").mapTo(String.class).one();
      if (!verdict.equals("ok")) {
        throw refusal(database, "it is damaged: " + verdict);
      }
    }
  }

  /**
   * Brings the file to this schema, in one transaction. Also where it changes nothing it takes the
   * lock, so that a file which cannot be written is found out now and not at the first commit.
   */
  void migrate(Database database, Handle writer) throws SQLException {
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
      throw refusal(
          database,
          "its schema has version %d, this program knows up to %d; use the newer program"
              .formatted(version, scripts.size()));
    }
  }

  private static int version(Handle handle) {
    return Math.toIntExact(number(handle, "PRAGMA user_version"));
  }

  private static long number(Handle handle, String sql) {
    return handle.createQuery(sql).mapTo(long.class).one();
  }

  private static LedgerException refusal(Database database, String why) {
    return new LedgerException(
        "cannot open ledger '%s': %s; the file is left as it is".formatted(database.file(), why),
        null);
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
