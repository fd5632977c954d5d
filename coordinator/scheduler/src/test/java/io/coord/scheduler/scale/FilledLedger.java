package io.coord.scheduler.scale;

import io.coord.persistence.sqlite.SqliteLedger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Ledgers with many experiments in them, written at once. */
public final class FilledLedger {
  private FilledLedger() {}

  /**
   * As {@link #write}, for {@code script/bench}.
   *
   * @param args FILE WAITING ENDED BYTES
   */
  public static void main(String[] args) throws SQLException {
    write(
        Path.of(args[0]),
        Integer.parseInt(args[1]),
        Integer.parseInt(args[2]),
        Integer.parseInt(args[3]));
  }

  /**
   * Adds experiments to a ledger, which is made if there is none.
   *
   * @param waiting how many are queued, each for 1 GiB
   * @param ended how many have completed, each with a run
   * @param environmentBytes how long the environment in each spec is
   */
  static void write(Path file, int waiting, int ended, int environmentBytes) throws SQLException {
    SqliteLedger.open(file).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA synchronous = OFF");
      statement.executeUpdate("BEGIN");
      statement.executeUpdate(
          """
          WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %1$d + %2$d)
          INSERT INTO experiment
                (id, sequence, priority, owner, ram_bytes, enqueued_at, state, reason, since,
                 front, runs, crashes, interruptions, records_seen, ended_order, ended_age_ms, spec)
          SELECT 'exp-' || i, i, 0, 'ada', 1073741824, 1795176000000 + i,
                 iif(i <= %1$d, 'completed', 'queued'), iif(i <= %1$d, 'exited with 0',
                 'enqueued by ada'), 1795176000000 + i, 0, i <= %1$d, 0, 0, 0,
                 iif(i <= %1$d, i, NULL), iif(i <= %1$d, 0, NULL),
                 '{"command": ["train", "--seed", "' || i || '"], "working_directory": "/", '
                 || '"environment": {"X": "' || hex(zeroblob(%3$d / 2)) || '"}}'
          FROM n WHERE i <= %1$d + %2$d
          """
              .formatted(ended, waiting, environmentBytes));
      statement.executeUpdate("INSERT INTO used_id SELECT sequence, id FROM experiment");
      statement.executeUpdate(
          """
          INSERT INTO requirement (sequence, task_group, directory, command, task)
          SELECT sequence, 'default', 1, 2, sequence FROM experiment WHERE ended_order IS NULL
          """);
      statement.executeUpdate(
          "UPDATE meta SET last_sequence = (SELECT coalesce(max(sequence), 0) FROM experiment)");
      statement.executeUpdate("COMMIT");
    }
  }

  /** Has all that wait depend on the first of them. */
  static void dependOnTheFirst(Path file) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          """
          UPDATE requirement
          SET after_completed = 'exp-' || (SELECT min(sequence) FROM requirement)
          WHERE sequence > (SELECT min(sequence) FROM requirement)
          """);
    }
  }
}
