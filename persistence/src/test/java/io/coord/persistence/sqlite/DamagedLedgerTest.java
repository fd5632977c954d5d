package io.coord.persistence.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.ExperimentStatus;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.Phase;
import io.coord.persistence.Submission;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damage: found when opening and while running; the file is renamed and never overwritten. */
class DamagedLedgerTest {

  private static final int PAGE = 4096;

  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("ledger.db");
  }

  @Test
  void anIntactLedgerAndAMissingLedgerAreNotReplaced() throws IOException {
    for (int times = 0; times < 2; times++) {
      Opened<SqliteLedger> opened = SqliteLedger.openOrReplace(file);
      assertThat(opened.replaced()).isEmpty();
      opened.store().close();
    }
    assertThat(contents()).containsOnlyKeys("ledger.db");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 99, 100, 4096, 70_000})
  void aFileThatIsNoDatabaseIsRenamedUnchanged(int size) throws IOException {
    byte[] garbage = new byte[size];
    new Random(size).nextBytes(garbage);
    Files.write(file, garbage);
    ReplacedFile replaced = openDamaged();
    assertThat(replaced.renamedTo()).isEqualTo(folder.resolve("ledger.db.damaged-1"));
    assertThat(replaced.renamedTo()).hasBinaryContent(garbage);
    assertThat(replaced.why()).isEqualTo("not an SQLite database");
  }

  /** What some file systems make of a file that was being written when the power failed. */
  @Test
  void aFileOfZerosIsReplaced() throws IOException {
    Files.write(file, new byte[3 * PAGE]);
    assertThat(openDamaged().renamedTo()).hasBinaryContent(new byte[3 * PAGE]);
  }

  @Test
  void aDamagedPageAndATruncatedLedgerAreReplaced() throws IOException {
    fill(10);
    overwrite(2 * PAGE, new byte[PAGE]);
    byte[] damaged = Files.readAllBytes(file);
    ReplacedFile first = openDamaged();
    assertThat(first.renamedTo()).hasBinaryContent(damaged);
    assertThat(first.why()).startsWith("the file is damaged");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(5_000);
    }
    assertThat(openDamaged().renamedTo()).isEqualTo(folder.resolve("ledger.db.damaged-2"));
    assertThat(first.renamedTo()).hasBinaryContent(damaged);
  }

  @Test
  void theLogGoesWithTheFileAndNothingIsOverwritten() throws IOException {
    Path cut = Files.createDirectory(folder.resolve("cut")).resolve("ledger.db");
    fill(1_000);
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(ended("last", 1_001, "1"));
      Files.copy(file, cut);
      Files.copy(folder.resolve("ledger.db-wal"), folder.resolve("cut/ledger.db-wal"));
    }
    file = cut;
    byte[] log = Files.readAllBytes(folder.resolve("cut/ledger.db-wal"));
    assertThat(log).isNotEmpty();
    overwriteAllBut(30);
    Path others = folder.resolve("cut/ledger.db.damaged-1-wal");
    Files.writeString(others, "something of somebody");
    Path link = folder.resolve("cut/ledger.db.damaged-2");
    Files.createSymbolicLink(link, Path.of("leads nowhere"));

    ReplacedFile replaced = openDamaged();

    assertThat(replaced.renamedTo()).isEqualTo(folder.resolve("cut/ledger.db.damaged-3"));
    assertThat(folder.resolve("cut/ledger.db.damaged-3-wal")).hasBinaryContent(log);
    assertThat(others).hasContent("something of somebody");
    assertThat(link).isSymbolicLink();
  }

  @Test
  void aLinkStaysWhereItLeads() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("disk")).toRealPath();
    Path disk = elsewhere.resolve("real.db");
    Files.write(disk, new byte[PAGE]);
    Files.createSymbolicLink(file, disk);
    ReplacedFile replaced = openDamaged();
    assertThat(replaced.renamedTo()).isEqualTo(elsewhere.resolve("real.db.damaged-1"));
    assertThat(file).isSymbolicLink();
    SqliteLedger.open(file).close();
  }

  @Test
  void nothingElseIsReplaced() throws Exception {
    assertStays("PRAGMA user_version = 77", Kind.OTHER, "schema version 77 is newer");
    assertStays("PRAGMA application_id = 0", Kind.OTHER, "not a ledger of coord");
    Files.createDirectory(file);
    assertThatThrownBy(() -> SqliteLedger.openOrReplace(file)).isInstanceOf(LedgerException.class);
    assertThat(file).isEmptyDirectory();
    assertThatThrownBy(() -> SqliteLedger.openOrReplace(Path.of("/proc/coord/ledger.db")))
        .isInstanceOf(LedgerException.class);
  }

  private void assertStays(String change, Kind kind, String why) throws Exception {
    SqliteLedger.open(file).close();
    try (Handle handle = new Database(file, Duration.ofSeconds(5)).connectReadWrite()) {
      Database.execute(handle, change);
    }
    Map<String, Integer> before = contents();
    assertThatThrownBy(() -> SqliteLedger.openOrReplace(file))
        .isInstanceOfSatisfying(LedgerException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(why)
        .hasMessageEndingWith("the file is left unchanged");
    assertThat(contents()).isEqualTo(before);
    Files.delete(file);
  }

  @Test
  void aLockedLedgerIsNotReplaced() throws Exception {
    SqliteLedger.open(file).close();
    try (Handle holder = new Database(file, Duration.ofSeconds(5)).connectWriter()) {
      Database.execute(holder, "BEGIN IMMEDIATE");
      assertThatThrownBy(
              () -> LedgerOpening.openOrReplace(file, Duration.ofMillis(20), Schema.CURRENT))
          .isInstanceOfSatisfying(
              LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LOCKED));
      Database.execute(holder, "ROLLBACK");
    }
    assertThat(contents()).containsOnlyKeys("ledger.db");
  }

  // Found while running

  @Test
  void damageFoundWhileReadingIsReportedAndReplacedAtTheNextStart() throws IOException {
    fill(5_000);
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.find("ended-1");
      overwriteAllBut(2);
      assertThatThrownBy(() -> readAll(ledger))
          .isInstanceOfSatisfying(
              LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT))
          .hasMessageContaining("the file is damaged");
    }
    assertThat(openDamaged().why()).startsWith("the file is damaged");
    assertThat(contents()).doesNotContainKey("ledger.db-found-damaged");
  }

  private static void readAll(SqliteLedger ledger) {
    for (int i = 1; i <= 5_000; i++) {
      ledger.find("ended-" + i);
    }
  }

  @Test
  void damageFoundWhileCommittingIsReportedAndNothingIsStored() throws IOException {
    fill(5_000);
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      overwriteAllBut(2);
      assertThatThrownBy(() -> ledger.commit(ended("zzz", 5_001, "1")))
          .isInstanceOfSatisfying(
              LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT))
          .hasMessageEndingWith("the file is damaged; nothing was stored");
    }
    openDamaged();
  }

  // Found by the check of the whole

  /** A page in the middle of a long history, which no start reads. */
  @Test
  void damageThatNoStartReadsIsFoundByTheCheckAndReplacedAtTheNextStart() throws IOException {
    fill(5_000);
    overwrite(pageInTheMiddle(), garbage(PAGE));
    byte[] damaged = Files.readAllBytes(file);
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThat(ledger.damage()).isEmpty();
      assertThat(ledger.check().orElseThrow()).startsWith("the file is damaged: ");
      assertThat(ledger.damage()).isEqualTo(ledger.check());
      assertThat(contents()).containsKey("ledger.db-found-damaged");
      assertThat(ledger.find("ended-1")).as("what can be read is read").isPresent();
    }
    assertThat(openDamaged().renamedTo()).hasBinaryContent(damaged);
    assertThat(contents()).doesNotContainKey("ledger.db-found-damaged");
  }

  @Test
  void theCheckKeepsNobodyWaiting() throws Exception {
    fill(5_000);
    AtomicInteger committed = new AtomicInteger();
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      String verdict =
          Schema.check(
              new Database(file, Duration.ofSeconds(5)),
              () -> {
                ledger.commit(
                    List.of(new Change.DrainingSet(Optional.of("" + committed.incrementAndGet()))));
                return false;
              });
      assertThat(verdict).isEqualTo(Schema.WHOLE);
      assertThat(committed.get()).as("times it came in between").isPositive();
      assertThat(ledger.coordinatorState().draining()).contains("" + committed);
    }
  }

  @Test
  void theCheckIsGivenUpWhenTheLedgerIsClosed() throws IOException {
    fill(5_000);
    assertThatThrownBy(() -> Schema.check(new Database(file, Duration.ofSeconds(5)), () -> true))
        .hasMessageContaining("interrupt");
  }

  @Test
  void aClosedLedgerIsNotChecked() {
    SqliteLedger ledger = SqliteLedger.open(file);
    ledger.close();
    assertThatThrownBy(ledger::check)
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("is closed");
  }

  private long pageInTheMiddle() throws IOException {
    return Files.size(file) / PAGE / 2 * PAGE;
  }

  private static byte[] garbage(int bytes) {
    byte[] garbage = new byte[bytes];
    new Random(1).nextBytes(garbage);
    return garbage;
  }

  /** An index that has an entry for another one's row. */
  @Test
  void damageOfAnIndexIsReplacedToo() throws Exception {
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(FixtureTimeline.changes(2));
    }
    try (Handle handle = new Database(file, Duration.ofSeconds(5)).connectReadWrite()) {
      Database.execute(
          handle,
          """
          CREATE TEMP TABLE saved AS
          SELECT * FROM sqlite_schema WHERE name = 'transition_of_experiment';
          PRAGMA writable_schema = ON;
          DELETE FROM sqlite_schema WHERE name = 'transition_of_experiment';
          PRAGMA writable_schema = RESET;
          UPDATE transition SET experiment = 'odd' WHERE experiment = 'in-phase-9';
          PRAGMA writable_schema = ON;
          INSERT INTO sqlite_schema SELECT * FROM saved;
          PRAGMA writable_schema = RESET;
          """);
    }
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThatThrownBy(() -> ledger.prune(Duration.ZERO, 10, Set.of()))
          .isInstanceOfSatisfying(
              LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT));
    }
    assertThat(openDamaged().why()).contains("transition_of_experiment");
  }

  @Test
  void aMarkOnAWholeLedgerGoesAway() throws IOException {
    SqliteLedger.open(file).close();
    new Database(file, Duration.ofSeconds(5)).mark();
    assertThat(contents()).containsOnlyKeys("ledger.db", "ledger.db-found-damaged");
    SqliteLedger.openOrReplace(file).store().close();
    assertThat(contents()).containsOnlyKeys("ledger.db");
  }

  /** An experiment with this reason, enqueued and ended: no start reads it. */
  private static List<Change> ended(String id, long sequence, String reason) {
    Submission submission =
        new Submission("ada", 0, 0, Instant.EPOCH, Optional.empty(), Optional.empty());
    Phase stopped = new Phase.Ended(ExperimentState.STOPPED);
    return List.of(
        new Change.Enqueued(
            Experiment.enqueued(id, sequence, submission, "")
                .withStatus(new ExperimentStatus(stopped, reason, Instant.EPOCH, false)),
            "{}"));
  }

  private void fill(int experiments) {
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(
          IntStream.rangeClosed(1, experiments)
              .mapToObj(i -> ended("ended-" + i, i, "x".repeat(200)))
              .flatMap(List::stream)
              .toList());
    }
  }

  private void overwriteAllBut(int pages) throws IOException {
    int from = pages * PAGE;
    byte[] garbage = new byte[Math.toIntExact(Files.size(file)) - from];
    new Random(1).nextBytes(garbage);
    overwrite(from, garbage);
  }

  private void overwrite(long at, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), at);
    }
  }

  /** Opens what is damaged: a new ledger, in which things can be stored, is in its place. */
  private ReplacedFile openDamaged() {
    assertThatThrownBy(() -> SqliteLedger.open(file))
        .isInstanceOfSatisfying(
            LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT));
    Opened<SqliteLedger> opened = SqliteLedger.openOrReplace(file);
    try (SqliteLedger ledger = opened.store()) {
      assertThat(ledger.find("ended-1")).isEmpty();
      ledger.commit(ended("new", 1, "1"));
    }
    try (SqliteLedger again = SqliteLedger.open(file)) {
      assertThat(again.find("new")).isPresent();
    }
    return opened.replaced().orElseThrow();
  }

  private Map<String, Integer> contents() throws IOException {
    Map<String, Integer> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        int hash = Files.isRegularFile(each) ? Arrays.hashCode(Files.readAllBytes(each)) : 0;
        contents.put(each.getFileName().toString(), hash);
      }
    }
    return contents;
  }
}
