package io.coord.runner.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.RunnerFacts;
import io.coord.runner.RunnerRecords;
import io.coord.runner.RunnerReport;
import io.coord.runner.UserFileAccess;
import io.coord.runner.files.DirectFileAccess;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads while a runner writes. The writer is a process of its own, as in life; it waits for no
 * lock, and in each transaction it adds a cycle and makes both totals equal to their number.
 */
class LivingWriterTest {
  /** More than a machine under any load needs for a copy. */
  private static final double LONGEST_PAUSE_SECONDS = 30;

  private static final String OWNER = System.getProperty("user.name");

  private static final String WRITER =
      """
      import sqlite3, sys, time
      path, mode, pause, own = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4]
      def connect():
          db = sqlite3.connect(path, timeout=0, isolation_level=None)
          db.execute("PRAGMA cache_size = 1")  # pages are written before the commit
          return db
      db = connect()
      db.execute("PRAGMA journal_mode = " + mode)
      db.execute("PRAGMA synchronous = NORMAL")
      cycle, told = db.execute("SELECT count(*) FROM experiment_cycles").fetchone()[0], False
      while True:
          if own == "each":
              db.close()
              db = connect()
          db.execute("BEGIN IMMEDIATE")
          db.execute("INSERT INTO experiment_cycles (experiment_id, cycle_number, ended_at,"
                     " metadata_json) VALUES ('a', ?, 'now', ?)", (cycle, "x" * (9000 if own == "each" and cycle < 300 else 90)))
          db.execute("UPDATE experiments SET total_cycles = ?, total_crashes = ?, status = ?",
                     (cycle + 1, cycle + 1, "cycle %d" % (cycle + 1)))
          db.execute("COMMIT")
          cycle += 1
          if not told:
              print("writing", flush=True)
              told = True
          time.sleep(float(open(pause).read() or 0))
      """;

  @TempDir private Path temporary;

  /**
   * By whom the database is copied.
   *
   * @param temporary a folder of its own
   */
  UserFileAccess files(Path temporary) {
    return new DirectFileAccess();
  }

  @Test
  void aLogThatIsWrittenAllTheTime() throws Exception {
    readWhile("wal", 0.001, "one", 200);
  }

  @Test
  void aLogThatComesAndGoes() throws Exception {
    readWhile("wal", 0.01, "each", 200);
  }

  @Test
  void aJournalThatComesAndGoes() throws Exception {
    readWhile("delete", 0.01, "each", 200);
  }

  @Test
  void aJournalThatStays() throws Exception {
    readWhile("persist", 0.01, "one", 200);
  }

  void readWhile(String mode, double pauseSeconds, String connections, int readings)
      throws Exception {
    double pause = pauseSeconds;
    Path folder = Files.createDirectory(temporary.resolve("a"));
    Path database = folder.resolve("state.db");
    Databases.execute(database, Databases.ORIGINAL);
    Path errors = temporary.resolve("errors");
    Path pauseFile = Files.writeString(temporary.resolve("pause"), Double.toString(pause));
    Process writer =
        new ProcessBuilder(
                "python3",
                "-c",
                WRITER,
                database.toString(),
                mode,
                pauseFile.toString(),
                connections)
            .redirectError(errors.toFile())
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("writing");
      SqliteRunnerRecords records =
          new SqliteRunnerRecords(temporary.resolve("scratch"), files(temporary), System::nanoTime);
      List<Integer> seen = new ArrayList<>();
      while (seen.size() < readings || seen.get(seen.size() - 1).equals(seen.get(0))) {
        RunnerReport report = records.read(database, OWNER, "a", RunnerRecords.LOOK);
        if (report instanceof RunnerReport.Unreadable silent && pause < LONGEST_PAUSE_SECONDS) {
          // A machine with much else to do copies more slowly than this writer writes.
          System.out.printf("%s: %s; the writer slows down%n", mode, silent.why());
          pause *= 2;
          Files.writeString(pauseFile, Double.toString(pause));
          continue;
        }
        assertThat(report).isInstanceOf(RunnerFacts.class);
        RunnerFacts facts = (RunnerFacts) report;
        // All of one moment.
        assertThat(facts.cycles()).isEqualTo(facts.crashes());
        assertThat(facts.status()).contains("cycle " + facts.cycles().orElse(-1));
        seen.add(facts.cycles().orElse(-1));
      }
      assertThat(seen).isSorted();
      assertThat(writer.isAlive()).as(Files.readString(errors)).isTrue();
    } finally {
      writer.destroyForcibly().waitFor();
    }
    assertThat(errors).isEmptyFile();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .isSubsetOf("state.db", "state.db-wal", "state.db-shm", "state.db-journal");
    }
    assertThat(Files.readAttributes(database, PosixFileAttributes.class).isRegularFile()).isTrue();
  }
}
