package io.coord.runner.sqlite;

import static io.coord.runner.sqlite.Databases.ORIGINAL;
import static io.coord.runner.sqlite.Databases.crashedCycles;
import static io.coord.runner.sqlite.Databases.openCycle;
import static io.coord.runner.sqlite.Databases.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.coord.runner.CompletionResult;
import io.coord.runner.Deadline;
import io.coord.runner.RequestField;
import io.coord.runner.RunClaim;
import io.coord.runner.RunnerFacts;
import io.coord.runner.RunnerRecords;
import io.coord.runner.RunnerReport;
import io.coord.runner.Spec;
import io.coord.runner.UserFileAccess;
import io.coord.runner.Validated;
import io.coord.runner.files.CompletionCheck;
import io.coord.runner.files.DirectFileAccess;
import io.coord.runner.json.Requests;
import io.coord.runner.json.SpecReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteException;

class SqliteRunnerRecordsTest {
  private static final String OWNER = System.getProperty("user.name");

  @TempDir private Path temporary;

  /**
   * By whom the database is copied.
   *
   * @param temporary a folder of its own
   */
  UserFileAccess files(Path temporary) {
    return new DirectFileAccess();
  }

  private Path folder = Path.of("");
  private Path database = Path.of("");

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(temporary.resolve("a"));
    database = folder.resolve("state.db");
  }

  // --- What is there to read.
  // ---------------------------------------------------------------------

  @Test
  void readsWhatTheOriginalRunnerNotes() throws SQLException {
    Databases.execute(
        database,
        ORIGINAL
            + crashedCycles(20)
            + status("completed")
            + "INSERT INTO self_reports (experiment_id, cycle_number, question, response)"
            + " VALUES ('a', 0, 'q', 'r'), ('a', 1, 'q', 'r'), ('b', 1, 'q', 'r')");

    assertThat(read()).isEqualTo(facts("completed", 20, 20, 2));
    assertThat(verdict())
        .isEqualTo(
            new CompletionResult.Complete("exited with 0; 20 of 20 cycles, status 'completed'"));
  }

  @Test
  void readsWhatItsWriterHasClosedInWriteAheadMode() throws SQLException {
    Databases.execute(
        database,
        "PRAGMA journal_mode = WAL;\n" + ORIGINAL + crashedCycles(20) + status("completed"));
    assertThat(database.resolveSibling(database.getFileName() + "-wal")).doesNotExist();

    assertThat(verdict()).isInstanceOf(CompletionResult.Complete.class);
  }

  /** Killed in its 16th cycle and started again it says "Error: Experiment ID already exists". */
  @Test
  void whatWasStartedAgainInVainIsIncomplete() throws SQLException {
    Databases.execute(database, ORIGINAL + crashedCycles(15) + openCycle(15));

    assertThat(read()).isEqualTo(facts("running", 15, 15, 0));
    assertThat(verdict()).isEqualTo(new CompletionResult.Incomplete("15 of 20 cycles"));
  }

  /**
   * A cycle that does not crash leaves the original's number as it is; the next attempt to begin it
   * violates a constraint, and the runner calls itself completed.
   */
  @Test
  void aStatusAloneCompletesNothing() throws SQLException {
    Databases.execute(database, ORIGINAL + crashedCycles(3) + openCycle(3) + status("completed"));

    assertThat(read()).isEqualTo(facts("completed", 4, 3, 0));
    assertThat(verdict()).isEqualTo(new CompletionResult.Incomplete("4 of 20 cycles"));
  }

  @Test
  void aCycleWithoutAnEndIsDoneWhenALaterOneBegan() throws SQLException {
    Databases.execute(
        database, ORIGINAL + crashedCycles(2) + openCycle(2) + openCycle(3) + openCycle(4));

    assertThat(read()).isEqualTo(facts("running", 4, 2, 0));
  }

  @Test
  void rowsAreCyclesWhereARunnerNotesNoEnds() throws SQLException {
    Databases.execute(database, ORIGINAL + openCycle(1) + openCycle(2));

    assertThat(read()).isEqualTo(facts("running", 2, 0, 0));
  }

  @Test
  void theFirstCycleIsNotDoneBecauseItBegan() throws SQLException {
    Databases.execute(database, ORIGINAL + openCycle(0));

    assertThat(read()).isEqualTo(facts("running", 0, 0, 0));
  }

  @Test
  void whatIsNotKeptIsEmpty() throws SQLException {
    Databases.execute(
        database,
        "CREATE TABLE experiments (experiment_id TEXT);\nINSERT INTO experiments VALUES ('a')");

    OptionalInt none = OptionalInt.empty();
    assertThat(read()).isEqualTo(new RunnerFacts(Optional.empty(), none, none, none, none));
  }

  @Test
  void strangeValuesAreNoNumbersAndNoLines() throws SQLException {
    Databases.execute(
        database,
        ORIGINAL
            + "UPDATE experiments SET config_json = '{', total_crashes = -1,"
            + " status = 'x' || char(10, 27) || printf('%.200c', 'y')");

    RunnerFacts facts = (RunnerFacts) read();
    assertThat(facts.status()).contains("x\\n\\u001b" + "y".repeat(37) + "…");
    assertThat(facts.crashes()).isEmpty();
    assertThat(facts.maxCycles()).isEmpty();
  }

  @Test
  void readsWhatTheExamplesRunnerNotes() throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("c.json"), "{\"experiment_id\": \"a\", \"max_cycles\": 20}");
    Path runner = Path.of("../examples/runner.py").toAbsolutePath();
    List<String> command =
        List.of(
            "python3",
            runner.toString(),
            "--config",
            config.toString(),
            "--db",
            database.toString(),
            "--cycle-seconds",
            "0",
            "--crash-at",
            "16");
    assertThat(new ProcessBuilder(command).start().waitFor()).isEqualTo(1);
    OptionalInt none = OptionalInt.empty();
    assertThat(read())
        .isEqualTo(
            new RunnerFacts(
                Optional.of("running"),
                OptionalInt.of(15),
                OptionalInt.of(0),
                none,
                OptionalInt.of(20)));
    assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    RunnerFacts facts = (RunnerFacts) read();
    assertThat(facts.endedAt().orElseThrow())
        .isBetween(Instant.now().minusSeconds(60), Instant.now());
    assertThat(facts)
        .usingRecursiveComparison()
        .ignoringFields("endedAt")
        .isEqualTo(
            new RunnerFacts(
                Optional.of("completed"),
                OptionalInt.of(20),
                OptionalInt.of(1),
                none,
                OptionalInt.of(20)));
  }

  @Test
  void asksAboutNoCommandAndNoNamelessConfig() {
    Spec command =
        spec(
            Requests.forCommand(List.of("true"))
                .with(RequestField.WORKING_DIRECTORY, "/")
                .toJson());
    Spec nameless = spec(config("{}").with(RequestField.ID, "a").toJson());

    assertThat(records().of(command, folder, OWNER, RunnerRecords.LOOK))
        .isEqualTo(new RunnerReport.Silent("is not looked for: it is a command", false));
    assertThat(records().of(nameless, folder, OWNER, RunnerRecords.LOOK))
        .isEqualTo(
            new RunnerReport.Silent("is not looked for: the config has no experiment_id", false));
  }

  // --- What is not.
  // -------------------------------------------------------------------------------

  @Test
  void saysWhatIsInTheWay() throws Exception {
    assertSilent("is missing");
    Files.createFile(database);
    assertDamaged("is empty");
    Files.writeString(database, "x".repeat(5000));
    assertDamaged("is not an SQLite database");
    Files.delete(database);
    Databases.execute(database, "CREATE TABLE other (x)");
    assertDamaged("has no table 'experiments'");
    Databases.execute(database, ORIGINAL.replace("'a'", "'b'"));
    assertDamaged("knows no experiment 'a'");
  }

  @Test
  void saysThatItIsCorrupt() throws Exception {
    Databases.execute(database, ORIGINAL + crashedCycles(20));
    byte[] bytes = Files.readAllBytes(database);
    Arrays.fill(bytes, 4096, bytes.length, (byte) 0xa5);
    Files.write(database, bytes);

    assertDamaged("is corrupt");
  }

  @Test
  void readsNoMoreThanItsLimit() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(database.toFile(), "rw")) {
      sparse.setLength(UserFileAccess.MAX_DATABASE_BYTES + 1);
    }
    assertUnreadable("is larger than 256M");
  }

  @Test
  void theLogCountsTowardsTheLimit() throws Exception {
    Databases.execute(database, ORIGINAL);
    try (RandomAccessFile sparse =
        new RandomAccessFile(folder.resolve("state.db-wal").toFile(), "rw")) {
      sparse.setLength(UserFileAccess.MAX_DATABASE_BYTES);
    }
    assertUnreadable("is larger than 256M");
  }

  @ParameterizedTest
  @ValueSource(strings = {"state.db", "state.db-wal", "state.db-journal"})
  void opensNothingButRegularFiles(String name) throws Exception {
    Path other = temporary.resolve("other.db");
    Databases.execute(other, ORIGINAL + status("secret"));
    Databases.execute(database, ORIGINAL);
    Path file = folder.resolve(name);
    String why = "cannot be read: '" + name + "' is not a regular file";

    Files.deleteIfExists(file);
    Files.createSymbolicLink(file, other);
    assertDamaged(why);

    Files.delete(file);
    fifo(file);
    assertTimeoutPreemptively(Duration.ofMinutes(5), () -> assertDamaged(why));

    Files.delete(file);
    Files.createDirectory(file);
    assertDamaged(why);
  }

  /** The one who owns the folder can put something else in the file's place at any time. */
  @Test
  void isNotMisledByAnExchangeMeanwhile() throws Exception {
    Path good = temporary.resolve("good.db");
    Databases.execute(good, ORIGINAL);
    Path other = temporary.resolve("other.db");
    Databases.execute(other, ORIGINAL + status("secret"));
    AtomicBoolean done = new AtomicBoolean();
    Thread swapper =
        new Thread(
            () -> {
              try {
                Path next = folder.resolve("next");
                for (int i = 0; !done.get(); i++) {
                  if (i % 3 == 0) {
                    Files.copy(good, next);
                  } else if (i % 3 == 1) {
                    Files.createSymbolicLink(next, other);
                  } else {
                    fifo(next);
                  }
                  Files.move(next, database, StandardCopyOption.REPLACE_EXISTING);
                }
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    swapper.start();
    try {
      assertTimeoutPreemptively(
          Duration.ofMinutes(5),
          () -> {
            SqliteRunnerRecords records = records();
            for (int i = 0; i < 300; i++) {
              RunnerReport report = records.read(database, OWNER, "a", RunnerRecords.LOOK);
              assertThat(report.toString()).doesNotContain("secret");
            }
          });
    } finally {
      done.set(true);
      swapper.join();
    }
  }

  @Test
  void callsNothingThatStandsInTheSchema() throws Exception {
    Databases.execute(
        database,
        ORIGINAL
            + "ALTER TABLE experiments RENAME TO real_experiments;\n"
            + "CREATE VIEW experiments AS SELECT * FROM real_experiments");
    assertDamaged("has no table 'experiments'");
  }

  @Test
  void playsNoJournalBackAndLeavesItWhereItIs() throws Exception {
    Databases.execute(database, ORIGINAL);
    Path journal = Files.write(folder.resolve("state.db-journal"), new byte[] {(byte) 0xd9, 5, 3});

    assertThat(inHaste().read(database, OWNER, "a", RunnerRecords.LOOK))
        .isEqualTo(new RunnerReport.Unreadable("has an unfinished transaction"));
    assertThat(journal).exists();

    Files.write(journal, new byte[512]);
    assertThat(read()).isInstanceOf(RunnerFacts.class);
  }

  @Test
  void givesUpAfterASecond() throws Exception {
    Databases.execute(database, ORIGINAL);

    AtomicLong slow = new AtomicLong();
    RunnerReport report =
        new SqliteRunnerRecords(
                temporary.resolve("scratch"),
                files(temporary),
                () -> slow.getAndAdd(4_000_000_000L))
            .read(database, OWNER, "a", RunnerRecords.LOOK);
    assertThat(report).isEqualTo(new RunnerReport.Unreadable("cannot be copied in time"));
  }

  @Test
  void stopsAQueryAtItsTime() throws Exception {
    Databases.execute(
        database,
        ORIGINAL
            + "INSERT INTO self_reports (experiment_id, cycle_number, question, response)"
            + " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000)"
            + " SELECT 'a', i, 'q', 'r' FROM n");
    AtomicBoolean late = new AtomicBoolean();
    Deadline deadline = Deadline.in(1, () -> late.get() ? 2 : 0);

    try (RunnerDatabase open = new RunnerDatabase(database, deadline)) {
      assertThat(open.facts("a").selfReports()).hasValue(50_000);
      late.set(true);
      assertThatExceptionOfType(SQLiteException.class)
          .isThrownBy(() -> open.facts("a"))
          .withMessageContaining("INTERRUPT");
    }
  }

  @Test
  void leavesNothingBehindAndNothingChanged() throws Exception {
    Databases.execute(database, "PRAGMA journal_mode = WAL;\n" + ORIGINAL + crashedCycles(2));
    List<String> before = traces();

    assertThat(read()).isEqualTo(facts("running", 2, 2, 0));

    assertThat(traces()).isEqualTo(before).hasSize(1);
    assertThat(temporary.resolve("scratch")).isEmptyDirectory();
  }

  private List<String> traces() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(
              file -> {
                try {
                  return Files.readAttributes(file, "unix:ino,uid,mode,size,lastModifiedTime,ctime")
                      .toString();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              })
          .toList();
    }
  }

  private void assertSilent(String why) {
    assertThat(read()).isEqualTo(new RunnerReport.Silent(why, true));
  }

  private void assertDamaged(String why) {
    assertThat(read()).isEqualTo(new RunnerReport.Damaged(why));
  }

  private void assertUnreadable(String why) {
    assertThat(read()).isEqualTo(new RunnerReport.Unreadable(why));
  }

  private static void fifo(Path path) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
  }

  private SqliteRunnerRecords records() {
    return new SqliteRunnerRecords(
        temporary.resolve("scratch"), files(temporary), System::nanoTime);
  }

  /** For which a second is over after a few looks at the clock. */
  private SqliteRunnerRecords inHaste() {
    AtomicLong time = new AtomicLong();
    return new SqliteRunnerRecords(
        temporary.resolve("scratch"), files(temporary), () -> time.getAndAdd(100_000_000L));
  }

  private RunnerReport read() {
    return records().read(database, OWNER, "a", RunnerRecords.LOOK);
  }

  private CompletionResult verdict() {
    Spec spec = spec(config("{\"experiment_id\": \"a\", \"max_cycles\": 20}").toJson());
    return new CompletionCheck(records(), files(temporary))
        .verify(spec, folder, OWNER, RunClaim.BARE, Deadline.in(3_000_000_000L, System::nanoTime));
  }

  private static Requests config(String text) {
    return Requests.forConfig(text, "/c.json").with(RequestField.WORKING_DIRECTORY, "/");
  }

  private static Spec spec(String request) {
    return ((Validated.Valid<Spec>) new SpecReader().read(request)).value();
  }

  private static RunnerFacts facts(String status, int cycles, int crashes, int selfReports) {
    return new RunnerFacts(
        Optional.of(status),
        OptionalInt.of(cycles),
        OptionalInt.of(crashes),
        OptionalInt.of(selfReports),
        OptionalInt.of(20));
  }
}
