package io.coord.selftest.live;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A run as it stands in the database file, read without a line of the coordinator's own code. */
record RunRow(
    int number,
    String invocation,
    Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable String kind,
    @Nullable String cause,
    @Nullable String detail,
    @Nullable Integer cycle) {

  /** The runs of an experiment by number. */
  static List<RunRow> of(Path database, String id) throws SQLException {
    String sql =
        "SELECT number, invocation, started_at, ended_at, end_kind, end_cause, end_detail,"
            + " progress_cycle FROM run WHERE experiment = ? ORDER BY number";
    List<RunRow> rows = new ArrayList<>();
    try (Connection connection = open(database);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, id);
      ResultSet row = statement.executeQuery();
      while (row.next()) {
        long ended = row.getLong(4);
        boolean open = row.wasNull();
        int cycle = row.getInt(8);
        boolean noCycle = row.wasNull();
        rows.add(
            new RunRow(
                row.getInt(1),
                row.getString(2),
                Instant.ofEpochMilli(row.getLong(3)),
                open ? null : Instant.ofEpochMilli(ended),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                noCycle ? null : Integer.valueOf(cycle)));
      }
    }
    return rows;
  }

  /** The crash count of an experiment; -1 if it is not in the file. */
  static int crashes(Path database, String id) throws SQLException {
    try (Connection connection = open(database);
        PreparedStatement statement =
            connection.prepareStatement("SELECT crashes FROM experiment WHERE id = ?")) {
      statement.setString(1, id);
      ResultSet row = statement.executeQuery();
      return row.next() ? row.getInt(1) : -1;
    }
  }

  private static Connection open(Path database) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:file:" + database + "?mode=ro");
  }
}
