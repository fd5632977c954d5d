package io.coord.persistence.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerContract;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.Phase;
import io.coord.persistence.Progress;
import io.coord.persistence.Storage;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real file, and what only a file has: settings, plans, locks, a full disk. */
class SqliteLedgerTest extends LedgerContract {

  @TempDir private Path folder;

  private SqliteLedger sqlite;

  @Override
  protected Ledger create() {
    return SqliteLedger.open(folder.resolve("ledger.db"));
  }

  @Override
  protected Ledger reopen(Ledger open) {
    open.close();
    return create();
  }

  @BeforeEach
  void know() {
    sqlite = (SqliteLedger) ledger;
  }

  @Test
  void theSettingsAreInForceAndNotOnlyAskedFor() {
    assertThat(pragma(sqlite.writer(), "journal_mode")).isEqualTo("wal");
    assertThat(pragma(sqlite.writer(), "synchronous")).as("2 is FULL").isEqualTo("2");
    assertThat(pragma(sqlite.writer(), "foreign_keys")).isEqualTo("1");
    assertThat(pragma(sqlite.writer(), "busy_timeout")).isEqualTo("5000");
    assertThat(pragma(sqlite.reader(), "busy_timeout")).isEqualTo("5000");
    assertThat(pragma(sqlite.writer(), "user_version"))
        .isEqualTo(String.valueOf(Schema.CURRENT.scripts().size()));
    assertThat(sqlite.storage())
        .isEqualTo(new Storage("wal", "full", Schema.CURRENT.scripts().size(), false));
    assertThat(sqlite.writer().createQuery("PRAGMA table_list").mapToMap().list())
        .filteredOn(table -> !String.valueOf(table.get("name")).startsWith("sqlite_"))
        .hasSize(9)
        .allSatisfy(table -> assertThat(table).containsEntry("strict", 1));
  }

  @Test
  void theReadingConnectionCannotWrite() {
    assertThatThrownBy(() -> Database.execute(sqlite.reader(), "DELETE FROM meta"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("readonly");
  }

  @Test
  void anExperimentThatHasHistoryCannotBeDeleted() {
    ledger.commit(List.of(enqueued("a", 1)));
    assertThatThrownBy(() -> Database.execute(sqlite.writer(), "DELETE FROM experiment"))
        .hasMessageContaining("FOREIGN KEY");
  }

  @Test
  void noQueryReadsHistoryThatItDoesNotReturn() {
    String itsRequirements = "SEARCH requirement USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN";
    assertThat(plan(Sql.ACTIVE))
        .containsExactly("SCAN experiment USING INDEX experiment_active", itsRequirements);
    assertThat(plan(Sql.READ_ACTIVE))
        .containsExactly("SCAN experiment USING INDEX experiment_active", itsRequirements);
    assertThat(plan(Sql.UNDER_WAY))
        .containsExactly("SCAN experiment USING INDEX experiment_active", itsRequirements);
    assertThat(plan(Sql.ENDED))
        .containsExactly(
            "SEARCH experiment USING INDEX experiment_ended (ended_order>?)", itsRequirements);
    assertThat(plan(Sql.FIND))
        .containsExactly(
            "SEARCH experiment USING INDEX sqlite_autoindex_experiment_1 (id=?)", itsRequirements);
    assertThat(plan(Sql.SPEC))
        .containsExactly("SEARCH experiment USING INDEX sqlite_autoindex_experiment_1 (id=?)");
    assertThat(plan(Sql.RUNS)).containsExactly("SEARCH run USING PRIMARY KEY (experiment=?)");
    assertThat(plan(Sql.TRANSITIONS))
        .containsExactly("SEARCH transition USING INDEX transition_of_experiment (experiment=?)");
    assertThat(plan(Sql.NEXT_ENDED))
        .contains("SEARCH experiment USING COVERING INDEX experiment_ended (ended_order>?)")
        .doesNotContain("USE TEMP B-TREE FOR ORDER BY");
    assertThat(plan(Sql.ENDED_FIRST))
        .containsExactly("SEARCH experiment USING INDEX experiment_ended (ended_order>?)");
    assertThat(plan(Sql.ID_IS_USED))
        .contains("SEARCH used_id USING COVERING INDEX sqlite_autoindex_used_id_1 (id=?)");
    assertThat(plan(Sql.SEQUENCE_IS_TAKEN))
        .contains("SEARCH used_id USING INTEGER PRIMARY KEY (rowid=?)");
  }

  @Test
  void pruningReadsNothingButWhatItDeletes() {
    assertThat(Sql.DELETE_ENDED)
        .allSatisfy(
            sql ->
                assertThat(plan(sql))
                    .filteredOn(step -> !step.startsWith("SCALAR SUBQUERY"))
                    .isNotEmpty()
                    .allMatch(step -> step.startsWith("SEARCH") && step.contains("=?")));
  }

  @Test
  void noChangeReadsHistoryThatItDoesNotTouch() {
    List<String> plans = new ArrayList<>();
    plans.addAll(plan(Sql.SEQUENCE_IS_TAKEN));
    plans.addAll(plan(Sql.ID_IS_USED));
    plans.addAll(plan(Sql.USE_ID));
    plans.addAll(plan(Sql.RUN_IS_KNOWN));
    plans.addAll(plan(Sql.INSERT_EXPERIMENT));
    plans.addAll(plan(Sql.UPDATE_EXPERIMENT));
    plans.addAll(plan(Sql.INSERT_RUN));
    plans.addAll(plan(Sql.INSERT_TRANSITION));
    plans.addAll(plan(Sql.END_RUN));
    assertThat(plans)
        .filteredOn(step -> step.startsWith("SCAN"))
        .allMatch(step -> step.equals("SCAN CONSTANT ROW"));
  }

  /** What SQLite says it would do; a parameter without a value counts as null. */
  private List<String> plan(String sql) {
    String unbound = sql.replaceAll(":[a-z_]+", "?");
    List<String> steps = new ArrayList<>();
    try (var statement =
        sqlite.reader().getConnection().prepareStatement("EXPLAIN QUERY PLAN " + unbound)) {
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          steps.add(rows.getString("detail"));
        }
      }
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
    return steps;
  }

  @Test
  void anotherThreadReadsWholeCommitsWhileThisOneWrites() throws Exception {
    ledger.commit(List.of(enqueued("a", 1), enqueued("b", 2)));
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> lastSeen = executor.submit(() -> readUntil(done));
      for (int cycle = 1; cycle <= 500; cycle++) {
        ledger.commit(List.of(progressed("a", cycle), progressed("b", cycle)));
      }
      done.set(true);
      assertThat(lastSeen.get()).isEqualTo(500);
    } finally {
      done.set(true);
      executor.shutdown();
    }
  }

  private int readUntil(AtomicBoolean done) {
    int last = 0;
    boolean lastRound;
    do {
      lastRound = done.get();
      List<Integer> cycles =
          ledger.active().stream().map(e -> e.progress().map(Progress::cycle).orElse(0)).toList();
      assertThat(cycles).as("half a commit").hasSize(2).allMatch(cycles.get(0)::equals);
      assertThat(cycles.get(0)).as("backwards").isGreaterThanOrEqualTo(last);
      last = cycles.get(0);
    } while (!lastRound);
    return last;
  }

  @Test
  void readingDoesNotWaitForACommitThatIsUnderWay() throws SQLException {
    ledger.commit(List.of(enqueued("a", 1)));
    Database.execute(sqlite.writer(), "BEGIN IMMEDIATE; UPDATE experiment SET reason = 'half'");
    assertThat(ledger.find("a")).contains(experiment("a", 1));
    Database.execute(sqlite.writer(), "ROLLBACK");
  }

  @Test
  void aFullDiskStoresNothingWhereverItStrikesAndTheNextCommitSucceeds() throws SQLException {
    ledger.commit(List.of(enqueued("a", 1)));
    List<Change> large = new ArrayList<>();
    for (int i = 2; i < 100; i++) {
      large.add(enqueued("experiment-with-a-longer-name-" + i, i));
      large.add(moved("a", new Phase.Queued(), new Phase.Held(), T0));
    }
    long pages = Long.parseLong(pragma(sqlite.writer(), "page_count"));
    int failures = 0;
    while (!commits(large, pages + failures)) {
      failures++;
      assertThat(ledger.active()).containsExactly(experiment("a", 1));
      assertThat(ledger.lastSequence()).isEqualTo(1);
      ledger.commit(List.of(new Change.BootSeen("boot-" + failures, T0)));
      assertThat(ledger.lastBoot()).contains("boot-" + failures);
    }
    assertThat(failures).isGreaterThan(3);
    assertThat(ledger.active()).hasSize(99);
  }

  private boolean commits(List<Change> changes, long maxPages) throws SQLException {
    Database.execute(sqlite.writer(), "PRAGMA max_page_count = " + maxPages);
    try {
      ledger.commit(changes);
      return true;
    } catch (LedgerException e) {
      assertThat(e.kind()).isEqualTo(Kind.DISK_FULL);
      assertThat(e)
          .hasMessage(
              "cannot store experiment 'experiment-with-a-longer-name-2' and %d more changes in"
                      .formatted(changes.size() - 1)
                  + " '%s': no space left on the device; nothing was stored"
                      .formatted(folder.resolve("ledger.db")));
      return false;
    }
  }

  @Test
  void aLockHeldByAnotherProcessIsReportedAndTheNextCommitSucceeds() throws SQLException {
    Path file = folder.resolve("locked.db");
    Database other = new Database(file, Duration.ZERO);
    try (SqliteLedger impatient = LedgerOpening.open(file, Duration.ofMillis(20), Schema.CURRENT);
        Handle holder = other.connectWriter()) {
      Database.execute(holder, "BEGIN IMMEDIATE");
      assertThatThrownBy(() -> impatient.commit(List.of(enqueued("a", 1))))
          .isInstanceOfSatisfying(
              LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LOCKED))
          .hasMessage(
              "cannot store experiment 'a' in '%s': another process has held its lock for more than"
                      .formatted(file)
                  + " 20 ms; nothing was stored");
      assertThat(impatient.active()).isEmpty();
      Database.execute(holder, "ROLLBACK");
      impatient.commit(List.of(enqueued("a", 1)));
      assertThat(impatient.active()).hasSize(1);
    }
  }

  @Test
  void aLockThatWasWaitedForInVainIsWaitedForInFullOnlyOnce() throws SQLException {
    Duration patience = Duration.ofMillis(300);
    Database database = new Database(folder.resolve("locked.db"), patience);
    LedgerOpening.open(database.file(), patience, Schema.CURRENT).close();
    Writer writer = new Writer(database, database.connectWriter());
    try (Handle holder = new Database(database.file(), Duration.ZERO).connectWriter()) {
      Database.execute(holder, "BEGIN IMMEDIATE");
      assertThat(waitedInVain(writer)).isEqualTo(patience);
      assertThat(waitedInVain(writer)).isLessThan(patience);
      assertThat(waitedInVain(writer)).isLessThan(patience);
      Database.execute(holder, "ROLLBACK");
      assertThat(writer.transact(handle -> 7)).isEqualTo(7);
      Database.execute(holder, "BEGIN IMMEDIATE");
      assertThat(waitedInVain(writer)).isEqualTo(patience);
    } finally {
      writer.close();
    }
  }

  /** How long the lock was to be waited for; SQLite waits no less. */
  private static Duration waitedInVain(Writer writer) {
    Duration patience = writer.patience();
    long begin = System.nanoTime();
    assertThatThrownBy(() -> writer.transact(handle -> 7)).hasMessageContaining("SQLITE_BUSY");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(patience);
    return patience;
  }

  @Test
  void aFileThatCannotBeWrittenIsReportedAndTheNextCommitSucceeds() throws SQLException {
    ledger.commit(List.of(enqueued("a", 1)));
    Database.execute(sqlite.writer(), "PRAGMA query_only = ON");
    assertThatThrownBy(() -> ledger.commit(List.of(enqueued("b", 2))))
        .isInstanceOfSatisfying(
            LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.READ_ONLY))
        .hasMessage(
            "cannot store experiment 'b' in '%s': the file or its folder is not writable;"
                    .formatted(folder.resolve("ledger.db"))
                + " nothing was stored");
    assertThat(ledger.active()).hasSize(1);
    // By a connection that was opened afterwards: one that was opened on a read-only file system
    // would
    // never write.
    ledger.commit(List.of(enqueued("b", 2)));
    assertThat(ledger.active()).hasSize(2);
  }

  @Test
  void anExperimentOfManyRunsIsPrunedWhole() {
    List<Change> changes = new ArrayList<>();
    changes.add(enqueued("a", 1));
    for (int run = 1; run <= 1_000; run++) {
      changes.add(new Change.RunStarted("a", run, "run-" + run, T0));
      changes.add(new Change.RunEnded("a", "run-" + run, T0, crash(), run, Duration.ofDays(1)));
    }
    changes.add(ended("a"));
    ledger.commit(changes);
    assertThat(ledger.find("a").orElseThrow().counts().ran()).isEqualTo(Duration.ofDays(1_000));
    assertThat(ledger.prune(Duration.ZERO, 1, Set.of())).isEqualTo(1);
    assertThat(count("run") + count("transition") + count("experiment")).isZero();
    assertThat(count("used_id")).isEqualTo(1);
  }

  private int count(String table) {
    return sqlite.reader().createQuery("SELECT count(*) FROM " + table).mapTo(int.class).one();
  }

  @Test
  void pruningThatFailsHalfWaySaysHowFarItCame() throws SQLException {
    for (int i = 1; i <= 120; i++) {
      ledger.commit(List.of(enqueued("e" + i, i), ended("e" + i)));
    }
    Database.execute(
        sqlite.writer(),
        """
        CREATE TRIGGER no_further BEFORE DELETE ON experiment WHEN old.id = 'e60'
        BEGIN SELECT RAISE(ABORT, 'test'); END
        """);
    assertThatThrownBy(() -> ledger.prune(Duration.ZERO, 120, Set.of()))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("50 have been deleted");
    assertThat(count("experiment")).isEqualTo(70);
    assertThat(ledger.transitions("e60")).hasSize(2);
    Database.execute(sqlite.writer(), "DROP TRIGGER no_further");
    assertThat(ledger.prune(Duration.ZERO, 120, Set.of())).isEqualTo(70);
  }

  @Test
  void aConnectionThatCannotRollBackIsReplaced() {
    ledger.commit(List.of(enqueued("a", 1)));
    Handle lost = sqlite.writer();
    lost.close();
    assertThatThrownBy(() -> ledger.commit(List.of(enqueued("b", 2))))
        .isInstanceOf(LedgerException.class);
    ledger.commit(List.of(enqueued("b", 2)));
    assertThat(ledger.active()).extracting(Experiment::id).containsExactly("a", "b");
    assertThat(pragma(sqlite.writer(), "synchronous")).isEqualTo("2");
    assertThat(pragma(sqlite.writer(), "foreign_keys")).isEqualTo("1");
  }

  @Test
  void aRowThatThisProgramDoesNotUnderstandIsReportedByNameOfTheFile() throws SQLException {
    ledger.commit(List.of(enqueued("a", 1)));
    Database.execute(sqlite.writer(), "UPDATE experiment SET state = 'running'");
    assertThatThrownBy(() -> ledger.find("a"))
        .isInstanceOf(LedgerException.class)
        .hasMessage(
            "cannot read experiment 'a' from '%s': no invocation in a row that is 'running'"
                .formatted(folder.resolve("ledger.db")));
    assertThatThrownBy(() -> ledger.commit(List.of(progressed("a", 1))))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("no invocation in a row that is 'running'");
  }

  private static Change progressed(String id, int cycle) {
    return new Change.Progressed(id, "unknown", new Progress(cycle, OptionalInt.empty()), T0);
  }

  private static String pragma(Handle handle, String name) {
    return handle.createQuery("PRAGMA " + name).mapTo(String.class).one();
  }
}
