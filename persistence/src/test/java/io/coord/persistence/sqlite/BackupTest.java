package io.coord.persistence.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.LedgerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of the living file: whole, of one moment, and of use. */
class BackupTest {

  @TempDir private Path folder;

  @Test
  void aBackupIsALedgerWithEverythingInIt() {
    Path copy = folder.resolve("copy.db");
    try (SqliteLedger ledger = SqliteLedger.open(folder.resolve("ledger.db"))) {
      ledger.commit(FixtureTimeline.changes(Schema.CURRENT.scripts().size()));
      ledger.backup(copy);
      try (SqliteLedger opened = SqliteLedger.open(copy)) {
        assertThat(opened.active()).isNotEmpty().isEqualTo(ledger.active());
        assertThat(opened.ended(1_000)).isNotEmpty().isEqualTo(ledger.ended(1_000));
        assertThat(opened.find("odd")).isPresent().isEqualTo(ledger.find("odd"));
        assertThat(opened.runs("odd")).isNotEmpty().isEqualTo(ledger.runs("odd"));
        assertThat(opened.transitions("odd")).isNotEmpty().isEqualTo(ledger.transitions("odd"));
        assertThat(opened.coordinatorState()).isEqualTo(ledger.coordinatorState());
        assertThat(opened.lastBoot()).isPresent().isEqualTo(ledger.lastBoot());
        assertThat(opened.age()).isEqualTo(ledger.age());
        assertThat(opened.schedules()).isEqualTo(ledger.schedules());
      }
    }
  }

  @Test
  void backupsMadeWhileCommittingHoldWholeCommitsOnly() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (SqliteLedger ledger = SqliteLedger.open(folder.resolve("ledger.db"))) {
      Future<?> committing = executor.submit(() -> countTwoBreakersUntil(done, ledger));
      for (int i = 0; i < 10; i++) {
        ledger.backup(folder.resolve("copy-" + i));
      }
      done.set(true);
      committing.get();
    } finally {
      done.set(true);
      executor.shutdown();
    }
    for (int i = 0; i < 10; i++) {
      try (SqliteLedger copy = SqliteLedger.open(folder.resolve("copy-" + i))) {
        assertThat(copy.breakers())
            .extracting(BreakerState::streak)
            .as("the numbers of the two breakers")
            .matches(numbers -> numbers.stream().distinct().count() <= 1);
      }
    }
  }

  private static void countTwoBreakersUntil(AtomicBoolean done, SqliteLedger ledger) {
    for (int i = 0; !done.get(); i++) {
      ledger.commit(List.of(breaker("first", i), breaker("second", i)));
    }
  }

  private static Change breaker(String owner, int streak) {
    return new Change.BreakerSet(
        new BreakerState(
            new BreakerState.Key(owner, "c"),
            false,
            Optional.empty(),
            Optional.empty(),
            streak,
            Optional.empty()));
  }

  @Test
  void aBackupThatIsGivenUpLeavesNothing() throws Exception {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    Database database = new Database(file, Duration.ofSeconds(5));
    fill(database);
    AtomicInteger looks = new AtomicInteger();
    assertThatThrownBy(
            () -> Backup.write(database, folder.resolve("copy"), () -> looks.incrementAndGet() > 3))
        .hasRootCauseMessage(
            "[SQLITE_INTERRUPT] Operation terminated by sqlite3_interrupt()" + " (interrupted)");
    assertThat(looks).hasValue(4);
    assertThat(names()).doesNotContain("copy").noneMatch(name -> name.contains("partial"));
  }

  @Test
  void closingEndsABackupInProgress() throws Exception {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    fill(new Database(file, Duration.ofSeconds(5)));
    SqliteLedger ledger = SqliteLedger.open(file);
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      // Whether it has begun or not when the ledger is closed: it ends, one way or the other.
      Future<?> copying =
          executor.submit(
              () -> {
                for (int i = 0; ; i++) {
                  ledger.backup(folder.resolve("copy-" + i));
                }
              });
      ledger.close();
      assertThatThrownBy(copying::get).hasCauseInstanceOf(LedgerException.class);
      assertThat(names()).noneMatch(name -> name.contains("partial"));
    } finally {
      executor.shutdown();
    }
  }

  private static void fill(Database database) throws SQLException {
    try (Handle handle = database.connectReadWrite()) {
      Database.execute(
          handle,
          """
          WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
          INSERT INTO used_id SELECT i, hex(randomblob(50)) FROM n
          """);
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(each -> each.getFileName().toString()).toList();
    }
  }
}
