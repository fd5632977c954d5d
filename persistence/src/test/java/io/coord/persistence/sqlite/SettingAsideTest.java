package io.coord.persistence.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.Change;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.sqlite.SqliteLedger.Opened;
import io.coord.persistence.sqlite.SqliteLedger.SetAside;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damage: noticed when opening and while running, set aside, never overwritten. */
class SettingAsideTest {

  private static final int PAGE = 4096;

  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("ledger.db");
  }

  @Test
  void aWholeLedgerAndAMissingOneAreOpenedAsAlways() throws IOException {
    for (int times = 0; times < 2; times++) {
      Opened opened = SqliteLedger.openOrSetAside(file);
      assertThat(opened.setAside()).isEmpty();
      opened.ledger().close();
    }
    assertThat(contents()).containsOnlyKeys("ledger.db");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 99, 100, 4096, 70_000})
  void whatIsNoDatabaseIsSetAsideAsItWas(int size) throws IOException {
    byte[] garbage = new byte[size];
    new Random(size).nextBytes(garbage);
    Files.write(file, garbage);
    SetAside setAside = openDamaged();
    assertThat(setAside.file()).isEqualTo(folder.resolve("ledger.db.damaged-1"));
    assertThat(setAside.file()).hasBinaryContent(garbage);
    assertThat(setAside.why()).isEqualTo("it is not an SQLite database");
  }

  /** What some file systems make of a file that was being written when the power failed. */
  @Test
  void aFileOfZerosIsSetAside() throws IOException {
    Files.write(file, new byte[3 * PAGE]);
    assertThat(openDamaged().file()).hasBinaryContent(new byte[3 * PAGE]);
  }

  @Test
  void aDamagedPageAndALedgerCutShortAreSetAside() throws IOException {
    fill(10);
    overwrite(2 * PAGE, new byte[PAGE]);
    byte[] damaged = Files.readAllBytes(file);
    SetAside first = openDamaged();
    assertThat(first.file()).hasBinaryContent(damaged);
    assertThat(first.why()).startsWith("it is damaged");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(5_000);
    }
    assertThat(openDamaged().file()).isEqualTo(folder.resolve("ledger.db.damaged-2"));
    assertThat(first.file()).hasBinaryContent(damaged);
  }

  @Test
  void theLogGoesWithTheFileAndNothingIsOverwritten() throws IOException {
    Path cut = Files.createDirectory(folder.resolve("cut")).resolve("ledger.db");
    fill(1_000);
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(List.of(note("note-1", "1")));
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

    SetAside setAside = openDamaged();

    assertThat(setAside.file()).isEqualTo(folder.resolve("cut/ledger.db.damaged-3"));
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
    SetAside setAside = openDamaged();
    assertThat(setAside.file()).isEqualTo(elsewhere.resolve("real.db.damaged-1"));
    assertThat(file).isSymbolicLink();
    SqliteLedger.open(file).close();
  }

  @Test
  void nothingElseIsSetAside() throws Exception {
    assertStays("PRAGMA user_version = 77", Kind.OTHER, "its schema has version 77");
    assertStays("PRAGMA application_id = 0", Kind.OTHER, "not a ledger of coord");
    Files.createDirectory(file);
    assertThatThrownBy(() -> SqliteLedger.openOrSetAside(file)).isInstanceOf(LedgerException.class);
    assertThat(file).isEmptyDirectory();
    assertThatThrownBy(() -> SqliteLedger.openOrSetAside(Path.of("/proc/coord/ledger.db")))
        .isInstanceOf(LedgerException.class);
  }

  private void assertStays(String change, Kind kind, String why) throws Exception {
    SqliteLedger.open(file).close();
    try (Handle handle = new Database(file, Duration.ofSeconds(5)).connectReadWrite()) {
      Database.execute(handle, change);
    }
    Map<String, Integer> before = contents();
    assertThatThrownBy(() -> SqliteLedger.openOrSetAside(file))
        .isInstanceOfSatisfying(LedgerException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(why)
        .hasMessageEndingWith("the file is left as it is");
    assertThat(contents()).isEqualTo(before);
    Files.delete(file);
  }

  @Test
  void aLockedLedgerIsNotSetAside() throws Exception {
    SqliteLedger.open(file).close();
    try (Handle holder = new Database(file, Duration.ofSeconds(5)).connectWriter()) {
      Database.execute(holder, "BEGIN IMMEDIATE");
      assertThatThrownBy(
              () -> SqliteLedger.openOrSetAside(file, Duration.ofMillis(20), Schema.CURRENT))
          .isInstanceOfSatisfying(
              LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LOCKED));
      Database.execute(holder, "ROLLBACK");
    }
    assertThat(contents()).containsOnlyKeys("ledger.db");
  }

  // Found while running

  @Test
  void damageFoundWhileReadingIsToldAndSetAsideAtTheNextStart() throws IOException {
    fill(5_000);
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.note("note-1");
      overwriteAllBut(2);
      assertThatThrownBy(() -> readAll(ledger))
          .isInstanceOfSatisfying(
              LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT))
          .hasMessageContaining("it is damaged");
    }
    assertThat(openDamaged().why()).startsWith("it is damaged");
    assertThat(contents()).doesNotContainKey("ledger.db-found-damaged");
  }

  private static void readAll(SqliteLedger ledger) {
    for (int i = 1; i <= 5_000; i++) {
      ledger.note("note-" + i);
    }
  }

  @Test
  void damageFoundWhileCommittingIsToldAndNothingIsStored() throws IOException {
    fill(5_000);
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      overwriteAllBut(2);
      assertThatThrownBy(() -> ledger.commit(List.of(note("zzz", "1"))))
          .isInstanceOfSatisfying(
              LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT))
          .hasMessageEndingWith("it is damaged; nothing of it was stored");
    }
    openDamaged();
  }

  // Found by the check of the whole

  /** A page in the middle of a long history, which no start reads. */
  @Test
  void damageThatNoStartReadsIsFoundByTheCheckAndSetAsideAtTheNextStart() throws IOException {
    fill(5_000);
    overwrite(pageInTheMiddle(), garbage(PAGE));
    byte[] damaged = Files.readAllBytes(file);
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThat(ledger.damage()).isEmpty();
      assertThat(ledger.check().orElseThrow()).startsWith("it is damaged: ");
      assertThat(ledger.damage()).isEqualTo(ledger.check());
      assertThat(contents()).containsKey("ledger.db-found-damaged");
      assertThat(ledger.note("note-1")).as("what can be read is read").isPresent();
    }
    assertThat(openDamaged().file()).hasBinaryContent(damaged);
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
                ledger.commit(List.of(note("meanwhile", "" + committed.incrementAndGet())));
                return false;
              });
      assertThat(verdict).isEqualTo(Schema.WHOLE);
      assertThat(committed.get()).as("times it came in between").isPositive();
      assertThat(ledger.note("meanwhile")).contains("" + committed);
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
  void damageOfWhatAnIndexSaysIsSetAsideToo() throws Exception {
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
      assertThatThrownBy(() -> ledger.prune(Duration.ZERO, 10))
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
    SqliteLedger.openOrSetAside(file).ledger().close();
    assertThat(contents()).containsOnlyKeys("ledger.db");
  }

  private static Change note(String name, String value) {
    return new Change.Noted(name, Optional.of(value));
  }

  private void fill(int notes) {
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(
          Stream.iterate(1, i -> i <= notes, i -> i + 1)
              .map(i -> note("note-" + i, "x".repeat(200)))
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
  private SetAside openDamaged() {
    assertThatThrownBy(() -> SqliteLedger.open(file))
        .isInstanceOfSatisfying(
            LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CORRUPT));
    Opened opened = SqliteLedger.openOrSetAside(file);
    try (SqliteLedger ledger = opened.ledger()) {
      assertThat(ledger.note("note-1")).isEmpty();
      ledger.commit(List.of(note("new", "1")));
    }
    try (SqliteLedger again = SqliteLedger.open(file)) {
      assertThat(again.note("new")).contains("1");
    }
    return opened.setAside().orElseThrow();
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
