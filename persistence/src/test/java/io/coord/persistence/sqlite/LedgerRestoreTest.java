package io.coord.persistence.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.LedgerDifferences;
import io.coord.persistence.LedgerDifferences.Difference;
import io.coord.persistence.LedgerException;
import io.coord.persistence.Phase;
import io.coord.persistence.Schedule;
import io.coord.persistence.Submission;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup in the place of a ledger: checked, compared, and no id is given out again. */
class LedgerRestoreTest {
  private static final Instant AT = Instant.parse("2026-11-30T12:00:00Z");

  @TempDir private Path folder;
  private Path file;
  private Path backup;

  /** A backup of a ledger with {@code a}, {@code b}; then {@code a} ended and two were enqueued. */
  @BeforeEach
  void goOnAfterABackup() throws IOException {
    file = Files.createDirectory(folder.resolve("state")).resolve("coord.db");
    backup = folder.resolve("backup.db");
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(List.of(enqueued("a", 1), enqueued("b", 2), schedule(3)));
      ledger.backup(backup);
      ledger.commit(
          List.of(ended(ledger, "a"), enqueued("exp-3", 3), enqueued("late", 4), schedule(5)));
    }
  }

  private static Change enqueued(String id, long sequence) {
    return new Change.Enqueued(
        Experiment.enqueued(
            id,
            sequence,
            new Submission("ada", 0, 1, AT, Optional.empty(), Optional.empty()),
            "test"),
        "{}");
  }

  private static Change ended(SqliteLedger ledger, String id) {
    Experiment experiment = ledger.find(id).orElseThrow();
    return new Change.Moved(
        id,
        experiment.phase(),
        new Phase.Ended(ExperimentState.COMPLETED),
        false,
        AT.plusSeconds(9),
        "test");
  }

  private static Change schedule(int next) {
    return new Change.ScheduleSet(
        new Schedule(
            "nightly",
            "0 2 * * *",
            "{}",
            "ada",
            true,
            next,
            Optional.of(AT.plusSeconds(next)),
            Optional.empty()));
  }

  private Optional<Path> restore() {
    try (LedgerRestore restore = LedgerRestore.prepare(backup, file)) {
      return restore.putInPlace();
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(file.getParent())) {
      return files.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void putsTheBackupInPlaceAndKeepsTheLedger() throws Exception {
    String before;
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      before = ledger.id();
    }
    assertThat(restore()).contains(file.resolveSibling("coord.db.before-restore-1"));
    assertThat(names()).containsExactly("coord.db", "coord.db.before-restore-1");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (SqliteLedger ledger = SqliteLedger.open(file);
        SqliteLedger kept = SqliteLedger.open(file.resolveSibling("coord.db.before-restore-1"))) {
      assertThat(ledger.active()).extracting(Experiment::id).containsExactly("a", "b");
      assertThat(kept.find("late")).isPresent();
      assertThat(kept.id()).isEqualTo(before);
      assertThat(ledger.id()).as("another history begins").isNotEqualTo(before);
      assertThat(ledger.active())
          .as("what was enqueued before belongs to the ledger before")
          .allSatisfy(each -> assertThat(each.submission().ledger()).contains(before));
    }
    assertThat(restore()).contains(file.resolveSibling("coord.db.before-restore-2"));
  }

  @Test
  void noIdIsGivenOutAgain() {
    restore();
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThat(ledger.lastSequence()).isEqualTo(4);
      assertThat(List.of("a", "b", "exp-3", "late")).allMatch(ledger::wasUsed);
      assertThat(ledger.schedules())
          .singleElement()
          .satisfies(
              schedule -> {
                assertThat(schedule.nextNumber()).isEqualTo(5);
                assertThat(schedule.lastFireAt()).contains(AT.plusSeconds(5));
              });
    }
  }

  /** Two ledgers have each used the sequences from 1, for other ids. */
  @Test
  void idsOfALedgerWithAnotherHistoryStayUsed() throws Exception {
    Files.delete(file);
    try (SqliteLedger other = SqliteLedger.open(file)) {
      other.commit(List.of(enqueued("x", 1), enqueued("b", 2), enqueued("y", 9)));
    }
    restore();
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThat(List.of("a", "b", "x", "y")).allMatch(ledger::wasUsed);
      assertThat(ledger.lastSequence()).isEqualTo(10);
      ledger.commit(List.of(enqueued("next", 11)));
    }
  }

  @Test
  void tellsWhatDiffers() {
    try (LedgerRestore restore = LedgerRestore.prepare(backup, file)) {
      LedgerDifferences differences = restore.differences().orElseThrow();
      assertThat(differences.presentOnly().count()).isEqualTo(2);
      assertThat(differences.presentOnly().latest())
          .containsExactly(
              new Difference("late", Optional.of(ExperimentState.QUEUED), Optional.empty()),
              new Difference("exp-3", Optional.of(ExperimentState.QUEUED), Optional.empty()));
      assertThat(differences.backupOnly().count()).isZero();
      assertThat(differences.changed().latest())
          .containsExactly(
              new Difference(
                  "a",
                  Optional.of(ExperimentState.COMPLETED),
                  Optional.of(ExperimentState.QUEUED)));
      assertThat(differences.unlike().count()).isZero();
      assertThat(differences.isEmpty()).isFalse();
    }
    restore();
    try (LedgerRestore again = LedgerRestore.prepare(backup, file)) {
      assertThat(again.differences())
          .hasValueSatisfying(none -> assertThat(none.isEmpty()).isTrue());
    }
  }

  @Test
  void nothingChangesUntilItIsPutInPlace() throws Exception {
    byte[] before = Files.readAllBytes(file);
    try (LedgerRestore restore = LedgerRestore.prepare(backup, file)) {
      restore.differences();
    }
    assertThat(file).hasBinaryContent(before);
    assertThat(names()).containsExactly("coord.db");
  }

  @Test
  void refusesWhatIsNoBackup() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "x".repeat(5_000));
    Path empty = Files.createFile(folder.resolve("empty"));
    Path foreign = folder.resolve("foreign.db");
    Files.createFile(foreign);
    try (Handle handle = new Database(foreign, Duration.ZERO).connectReadWrite()) {
      handle.execute("CREATE TABLE t (x)");
    }
    Path half = Files.copy(backup, folder.resolve("half"));
    try (FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE)) {
      channel.truncate(Files.size(half) / 2);
    }
    assertRefused(folder.resolve("none"), "there is no such file");
    assertRefused(folder, "it is not a file");
    assertRefused(file, "it is the present database itself");
    assertRefused(text, "not an SQLite database");
    assertRefused(empty, "the file is empty");
    assertRefused(foreign, "the file is a database, but not a ledger of coord");
    assertRefused(half, "damaged");
    assertThat(names()).containsExactly("coord.db");
  }

  private void assertRefused(Path what, String why) {
    assertThatThrownBy(() -> LedgerRestore.prepare(what, file))
        .isInstanceOf(LedgerException.class)
        .hasMessageStartingWith("cannot restore '" + what + "': ")
        .hasMessageContaining(why)
        .hasMessageEndingWith("; nothing was changed");
  }

  @Test
  void aDamagedLedgerIsKeptAndReplaced() throws Exception {
    Files.writeString(file, "x".repeat(9_000));
    Files.writeString(file.resolveSibling("coord.db-wal"), "y".repeat(99));
    try (LedgerRestore restore = LedgerRestore.prepare(backup, file)) {
      assertThat(restore.replaces()).isTrue();
      assertThat(restore.differences()).isEmpty();
      assertThat(restore.putInPlace()).isPresent();
    }
    assertThat(names()).contains("coord.db.before-restore-1", "coord.db.before-restore-1-wal");
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThat(ledger.active()).hasSize(2);
    }
  }

  @Test
  void aLedgerThatIsGoneIsReplaced() throws Exception {
    Files.delete(file);
    assertThat(restore()).isEmpty();
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThat(ledger.active()).hasSize(2);
    }
  }

  /** A copy of the file and its log, made while the ledger was in use. */
  @Test
  void theLogBesideACopyIsPartOfIt() throws Exception {
    Path copy = folder.resolve("copied.db");
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(List.of(enqueued("latest", 7)));
      Files.copy(file, copy);
      Files.copy(file.resolveSibling("coord.db-wal"), folder.resolve("copied.db-wal"));
    }
    backup = copy;
    restore();
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThat(ledger.find("latest")).isPresent();
    }
  }
}
