package io.coord.runner.sqlite;

import io.coord.runner.Deadline;
import io.coord.runner.RunnerFacts;
import io.coord.runner.UnreadableException;
import io.coord.runner.UserFileAccess.DatabaseQueries;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteLimits;

/**
 * A copy of a runner's database, open for reading in this process: for a coordinator that has the
 * ids of the user whose database it is.
 */
final class RunnerDatabase implements AutoCloseable {
  /** No text that is looked at is longer; a row with a longer one is refused. */
  private static final int LONGEST_TEXT_BYTES = 8 << 20;

  /** Some tens of microseconds between two looks at the time. */
  private static final int STEPS_BETWEEN_LOOKS = 10_000;

  private final Connection connection;

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
      }
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** The facts about an experiment. */
  RunnerFacts facts(String experimentId) throws SQLException, UnreadableException {
    DatabaseQueries queries = RunnerTables.queries(experimentId);
    List<Optional<String>> values = new ArrayList<>();
    for (String sql : queries.sql()) {
      Optional<String> value = text(sql, experimentId);
      values.add(value);
      if (value.isEmpty() && values.size() <= queries.required()) {
        break;
      }
    }
    return RunnerTables.facts(experimentId, values);
  }

  /** The one value that a query finds; empty if there is none, or no such column. */
  private Optional<String> text(String query, String experimentId) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      if (query.indexOf('?') >= 0) {
        statement.setString(1, experimentId);
      }
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
