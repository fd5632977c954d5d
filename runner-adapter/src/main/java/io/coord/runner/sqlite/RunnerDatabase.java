package io.coord.runner.sqlite;

import io.coord.runner.Deadline;
import io.coord.runner.Quoting;
import io.coord.runner.RunnerFacts;
import io.coord.runner.UnreadableException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteLimits;

/**
 * A copy of a runner's database, open for reading: the tables of brain-in-jar's {@code
 * src/db/experiment_database.py}, as far as they are there.
 */
final class RunnerDatabase implements AutoCloseable {
  /** No text that is looked at is longer; a row with a longer one is refused. */
  private static final int LONGEST_TEXT_BYTES = 8 << 20;

  /** Some tens of microseconds between two looks at the time. */
  private static final int STEPS_BETWEEN_LOOKS = 10_000;

  private static final int SHOWN_STATUS = 40;

  private static final String TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'";

  private static final String KNOWN = "SELECT 1 FROM experiments WHERE experiment_id = ?";

  private static final String STATUS =
      "SELECT substr(status, 1, 100) FROM experiments"
          + " WHERE experiment_id = ? AND typeof(status) = 'text'";

  private static final String CRASHES =
      "SELECT total_crashes FROM experiments WHERE experiment_id = ?";

  private static final String MAX_CYCLES =
      "SELECT CASE WHEN json_valid(config_json) THEN json_extract(config_json, '$.max_cycles') END"
          + " FROM experiments WHERE experiment_id = ?";

  /** SQLite's CURRENT_TIMESTAMP: UTC, to the second. */
  private static final String ENDED_AT =
      "SELECT strftime('%s', ended_at) FROM experiments WHERE experiment_id = ?";

  private static final String BEGUN =
      "SELECT count(*) FROM experiment_cycles WHERE experiment_id = ?";

  private static final String ENDED =
      "SELECT count(ended_at) FROM experiment_cycles WHERE experiment_id = ?";

  private static final String LAST_HAS_ENDED =
      "SELECT ended_at IS NOT NULL FROM experiment_cycles WHERE experiment_id = ?"
          + " ORDER BY cycle_number DESC LIMIT 1";

  private static final String SELF_REPORTS =
      "SELECT count(*) FROM self_reports WHERE experiment_id = ?";

  private final Connection connection;
  private final List<String> tables = new ArrayList<>();

  /**
   * Opens a copy.
   *
   * @param deadline after it every query fails
   */
  RunnerDatabase(Path copy, Deadline deadline) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    connection =
        config.createConnection("jdbc:sqlite:file:" + copy.toUri().getRawPath() + "?mode=ro");
    try {
      SQLiteConnection sqlite = connection.unwrap(SQLiteConnection.class);
      sqlite.setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, LONGEST_TEXT_BYTES);
      ProgressHandler.setHandler(
          connection,
          STEPS_BETWEEN_LOOKS,
          new ProgressHandler() {
            @Override
            protected int progress() {
              return deadline.hasPassed() ? 1 : 0;
            }
          });
      try (Statement statement = connection.createStatement()) {
        // The schema is the user's: it must not call what has side effects, nor mislead the reader.
        statement.execute("PRAGMA trusted_schema = OFF");
        statement.execute("PRAGMA cell_size_check = ON");
        try (ResultSet names = statement.executeQuery(TABLES)) {
          while (names.next()) {
            tables.add(names.getString(1).toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** The facts about an experiment. */
  RunnerFacts facts(String experimentId) throws SQLException, UnreadableException {
    if (!tables.contains("experiments")) {
      throw UnreadableException.lasting("has no table 'experiments'");
    }
    if (number(KNOWN, experimentId).isEmpty()) {
      throw UnreadableException.lasting("knows no experiment " + Quoting.of(experimentId));
    }
    Optional<String> status = text(STATUS, experimentId);
    return new RunnerFacts(
        status.map(word -> Quoting.oneLine(word, SHOWN_STATUS)),
        tables.contains("experiment_cycles") ? cycles(experimentId, status) : OptionalInt.empty(),
        number(CRASHES, experimentId),
        tables.contains("self_reports") ? number(SELF_REPORTS, experimentId) : OptionalInt.empty(),
        number(MAX_CYCLES, experimentId),
        text(ENDED_AT, experimentId).flatMap(RunnerDatabase::instant));
  }

  /**
   * The cycles that are done. The runner writes a row when a cycle begins, and notes the end of one
   * that crashed; of others it does not. So a cycle is done when it has an end, when a later one
   * began, or when the runner ended in order. If no cycle at all has an end, they are written by a
   * runner that does it once they are done.
   */
  private OptionalInt cycles(String experimentId, Optional<String> status) throws SQLException {
    OptionalInt begun = number(BEGUN, experimentId);
    boolean lastIsOpen = number(LAST_HAS_ENDED, experimentId).orElse(1) == 0;
    boolean endedInOrder = status.isEmpty() || status.get().equals("completed");
    boolean notesNoEnds = begun.orElse(0) > 1 && number(ENDED, experimentId).orElse(0) == 0;
    return begun.isPresent() && lastIsOpen && !endedInOrder && !notesNoEnds
        ? OptionalInt.of(begun.getAsInt() - 1)
        : begun;
  }

  private static Optional<Instant> instant(String seconds) {
    return seconds.matches("[0-9]{1,12}")
        ? Optional.of(Instant.ofEpochSecond(Long.parseLong(seconds)))
        : Optional.empty();
  }

  private OptionalInt number(String query, String experimentId) throws SQLException {
    return text(query, experimentId)
        .filter(digits -> digits.matches("[0-9]{1,9}"))
        .map(digits -> OptionalInt.of(Integer.parseInt(digits)))
        .orElse(OptionalInt.empty());
  }

  /** The one value that a query finds; empty if there is none, or no such column. */
  private Optional<String> text(String query, String experimentId) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, experimentId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
      }
    } catch (SQLiteException e) {
      if (e.getResultCode() == SQLiteErrorCode.SQLITE_ERROR) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
