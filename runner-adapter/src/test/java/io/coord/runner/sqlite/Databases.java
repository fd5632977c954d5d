package io.coord.runner.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Databases as runners leave them. None is open when a method returns. */
final class Databases {
  /**
   * The tables of brain-in-jar's {@code src/db/experiment_database.py} (as of commit 31d0afa) that
   * matter here, all of their columns.
   */
  static final String ORIGINAL =
      """
      CREATE TABLE experiments (
        experiment_id TEXT PRIMARY KEY, name TEXT NOT NULL, mode TEXT NOT NULL,
        config_json TEXT NOT NULL, status TEXT DEFAULT 'pending',
        created_at DATETIME DEFAULT CURRENT_TIMESTAMP, started_at DATETIME, ended_at DATETIME,
        total_cycles INTEGER DEFAULT 0, total_crashes INTEGER DEFAULT 0, notes TEXT);
      CREATE TABLE experiment_cycles (
        cycle_id INTEGER PRIMARY KEY AUTOINCREMENT, experiment_id TEXT NOT NULL,
        cycle_number INTEGER NOT NULL, started_at DATETIME DEFAULT CURRENT_TIMESTAMP,
        ended_at DATETIME, crash_reason TEXT, memory_usage_peak REAL, tokens_generated INTEGER,
        duration_seconds REAL, metadata_json TEXT,
        FOREIGN KEY (experiment_id) REFERENCES experiments (experiment_id),
        UNIQUE (experiment_id, cycle_number));
      CREATE TABLE self_reports (
        report_id INTEGER PRIMARY KEY AUTOINCREMENT, experiment_id TEXT NOT NULL,
        cycle_number INTEGER NOT NULL, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
        question TEXT NOT NULL, response TEXT NOT NULL, confidence_score REAL,
        semantic_category TEXT, metadata_json TEXT);
      INSERT INTO experiments (experiment_id, name, mode, config_json, status)
        VALUES ('a', 'A', 'amnesiac_loop', '{"max_cycles": 20}', 'running');
      """;

  private Databases() {}

  /** Runs statements, each ended by a semicolon and a line end. */
  static void execute(Path database, String script) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      for (String sql : script.split(";\n", -1)) {
        if (!sql.isBlank()) {
          statement.execute(sql);
        }
      }
    }
  }

  /** What the original runner does in cycle {@code number}: it crashes, and comes back. */
  static String crashedCycle(int number) {
    return openCycle(number)
        + "UPDATE experiment_cycles SET ended_at = CURRENT_TIMESTAMP, crash_reason = 'Out of Memory'"
        + " WHERE experiment_id = 'a' AND cycle_number = "
        + number
        + ";\nUPDATE experiments SET total_crashes = total_crashes + 1;\n";
  }

  /** A cycle that has begun. */
  static String openCycle(int number) {
    return "INSERT INTO experiment_cycles (experiment_id, cycle_number) VALUES ('a', "
        + number
        + ");\nUPDATE experiments SET total_cycles = total_cycles + 1;\n";
  }

  static String crashedCycles(int howMany) {
    StringBuilder script = new StringBuilder();
    for (int i = 0; i < howMany; i++) {
      script.append(crashedCycle(i));
    }
    return script.toString();
  }

  static String status(String status) {
    return "UPDATE experiments SET status = '" + status + "';\n";
  }
}
