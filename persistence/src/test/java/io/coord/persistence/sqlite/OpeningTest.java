package io.coord.persistence.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.coord.persistence.Change;
import io.coord.persistence.LedgerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files are opened, which are refused, and that a refused one stays as it was. */
class OpeningTest {

  private static final Change BOOT = new Change.BootSeen("boot", Instant.EPOCH);

  private static final int CURRENT = Schema.CURRENT.scripts().size();

  @TempDir private Path folder;

  @Test
  void aNewLedgerAndItsFolderAreForTheOwnerOnly() throws IOException {
    Path file = folder.resolve("state/coord/ledger.db");
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(List.of(BOOT));
      assertThat(mode(folder.resolve("state"))).isEqualTo("rwx------");
      assertThat(mode(folder.resolve("state/coord"))).isEqualTo("rwx------");
      try (Stream<Path> files = Files.list(folder.resolve("state/coord"))) {
        assertThat(files)
            .hasSizeGreaterThan(1)
            .allSatisfy(each -> assertThat(mode(each)).isEqualTo("rw-------"));
      }
    }
  }

  @Test
  void aLedgerThatOthersCouldReadIsMadePrivate() throws IOException {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    SqliteLedger.open(file).close();
    assertThat(mode(file)).isEqualTo("rw-------");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a?mode=memory.db", "100%3f.db", "größe & #1.db", "a b;c.db"})
  void aFileMayHaveAnyName(String name) {
    Path file = folder.resolve(name);
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(List.of(BOOT));
    }
    assertThat(file).isRegularFile();
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThat(ledger.lastBoot()).contains("boot");
    }
  }

  @Test
  void anEmptyFileIsANewLedger() throws IOException {
    Path file = Files.createFile(folder.resolve("ledger.db"));
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      assertThat(ledger.active()).isEmpty();
    }
  }

  @Test
  void aClosedLedgerIsOneFile() throws Exception {
    SqliteLedger.open(folder.resolve("ledger.db")).close();
    assertThat(contents()).containsOnlyKeys("ledger.db");
  }

  @Test
  void aNewerSchemaIsRefusedAndLeftAsItIs() throws Exception {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    try (Handle newer = database(file).connectReadWrite()) {
      // Another journal mode too: merely opening the file to write would turn it back to WAL.
      Database.execute(newer, "PRAGMA journal_mode = DELETE; PRAGMA user_version = 7");
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Map<String, String> before = contents();
    assertRefused(
        file,
        "schema version 7 is newer than version "
            + CURRENT
            + " of this program; use the newer program");
    assertThat(contents()).isEqualTo(before);
    assertThat(mode(file)).isEqualTo("rw-r-----");
  }

  @Test
  void aNewerSchemaThatIsStillInTheWriteAheadLogIsRefusedToo() throws Exception {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    try (Handle newer = database(file).connectWriter()) {
      Database.execute(newer, "PRAGMA user_version = 7");
      String main = contents().get("ledger.db");
      String log = contents().get("ledger.db-wal");
      assertRefused(file, "schema version 7 is newer than version " + CURRENT);
      assertThat(contents()).containsEntry("ledger.db", main).containsEntry("ledger.db-wal", log);
    }
  }

  @Test
  void anOlderSchemaIsBroughtUpToDateOnce() throws Exception {
    Path file = folder.resolve("ledger.db");
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(List.of(BOOT));
    }
    Schema next = schemaWith("V9__test_adds_a_column.sql");
    for (int times = 0; times < 2; times++) {
      try (SqliteLedger ledger = LedgerOpening.open(file, Duration.ofSeconds(5), next)) {
        assertThat(ledger.lastBoot()).contains("boot");
        assertThat(number(ledger.reader(), "PRAGMA user_version")).isEqualTo(CURRENT + 1);
        assertThat(number(ledger.reader(), "SELECT added_for_test FROM meta")).isEqualTo(42);
      }
    }
  }

  @Test
  void aMigrationThatFailsHalfWayLeavesTheSchemaBefore() throws Exception {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    Schema broken = schemaWith("V9__test_fails_half_way.sql");
    assertThatThrownBy(() -> LedgerOpening.open(file, Duration.ofSeconds(5), broken))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("cannot open ledger '" + file + "'")
        .hasMessageContaining("no_such_table");
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      ledger.commit(List.of(BOOT));
      assertThat(number(ledger.reader(), "PRAGMA user_version")).isEqualTo(CURRENT);
      assertThat(number(ledger.reader(), "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"))
          .isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 99, 100, 4096, 70_000})
  void aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs(int size) throws Exception {
    byte[] garbage = new byte[size];
    new Random(size).nextBytes(garbage);
    Path file = Files.write(folder.resolve("ledger.db"), garbage);
    Map<String, String> before = contents();
    assertRefused(file, "not an SQLite database");
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void aDatabaseOfSomethingElseIsRefusedAndLeftAsItIs() throws Exception {
    Path file = Files.createFile(folder.resolve("ledger.db"));
    try (Handle other = database(file).connectWriter()) {
      Database.execute(other, "CREATE TABLE wine (name TEXT)");
    }
    Map<String, String> before = contents();
    assertRefused(file, "the file is a database, but not a ledger of coord");
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void aLedgerWithADamagedPageIsRefusedAndLeftAsItIs() throws Exception {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[4096]), 2 * 4096);
    }
    Map<String, String> before = contents();
    assertRefused(file, "the file is damaged");
    assertThat(contents()).isEqualTo(before);
  }

  /** No table and no index is left out, also none that a later schema adds. */
  @Test
  void eachTableAndIndexIsLookedAt() throws Exception {
    Path whole = folder.resolve("whole/ledger.db");
    List<Long> tops;
    try (SqliteLedger ledger = SqliteLedger.open(whole)) {
      ledger.commit(FixtureTimeline.changes(2));
      tops =
          ledger
              .reader()
              .createQuery("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0")
              .mapTo(long.class)
              .list();
    }
    assertThat(tops).hasSizeGreaterThan(10);
    for (long top : tops) {
      Path file = folder.resolve("ledger.db");
      Files.copy(whole, file, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[4096]), (top - 1) * 4096);
      }
      assertRefused(file, "the file is damaged");
      assertThat(folder.resolve("ledger.db-wal")).as("top %d", top).doesNotExist();
    }
  }

  @Test
  void aLedgerThatWasCutShortIsRefusedAndLeftAsItIs() throws Exception {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(5000);
    }
    Map<String, String> before = contents();
    assertRefused(file, "the file is damaged");
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void aFirstWriteThatAPowerCutInterruptedIsTakenBack() throws Exception {
    Path file = folder.resolve("ledger.db");
    Files.createFile(file);
    try (Handle first = database(file).connectReadWrite()) {
      Database.execute(first, "PRAGMA cache_size = 1; BEGIN; CREATE TABLE half (n)");
      Database.execute(
          first, "INSERT INTO half SELECT hex(randomblob(9999)) FROM json_each('[1,2]')");
      for (String each : List.of("ledger.db", "ledger.db-journal")) {
        Path copy = Files.createDirectories(folder.resolve("cut")).resolve(each);
        Files.copy(folder.resolve(each), copy);
      }
    }
    Path cut = folder.resolve("cut/ledger.db");
    assertThat(Files.size(cut)).as("half of it is in the file").isPositive();
    try (SqliteLedger ledger = SqliteLedger.open(cut)) {
      ledger.commit(List.of(BOOT));
      assertThat(number(ledger.reader(), "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"))
          .isZero();
    }
  }

  @Test
  void aFolderInTheFilesPlaceIsRefused() throws IOException {
    Path file = Files.createDirectory(folder.resolve("ledger.db"));
    assertRefused(file, "");
  }

  @Test
  void aFileInTheFoldersPlaceIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("state")).resolve("ledger.db");
    assertRefused(file, "state'");
  }

  @Test
  void aFileThatMayNotBeWrittenIsRefusedAndNothingIsMadeBesideIt() throws Exception {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    assumeFalse(Files.isWritable(file), "root may write it whatever its mode");
    assertRefused(file, "no permission to write '" + file + "'");
    assertThat(contents()).containsOnlyKeys("ledger.db");
  }

  @Test
  void aLedgerThatAnotherProcessKeepsLockedIsRefused() throws Exception {
    Path file = folder.resolve("ledger.db");
    SqliteLedger.open(file).close();
    try (Handle holder = database(file).connectWriter()) {
      Database.execute(holder, "BEGIN IMMEDIATE");
      assertThatThrownBy(() -> LedgerOpening.open(file, Duration.ofMillis(20), Schema.CURRENT))
          .isInstanceOf(LedgerException.class)
          .hasMessageContaining("another process has held its lock for more than 20 ms");
      Database.execute(holder, "ROLLBACK");
    }
    SqliteLedger.open(file).close();
  }

  /** {@code /proc} refuses root too, for whom a mode without {@code w} is no obstacle. */
  @ParameterizedTest
  @ValueSource(strings = {"/proc/ledger.db", "/proc/coord/ledger.db"})
  void aFolderThatCannotBeWrittenIsRefusedByName(String file) {
    assertRefused(Path.of(file), "/proc");
  }

  private static void assertRefused(Path file, String why) {
    assertThatThrownBy(() -> SqliteLedger.open(file))
        .isInstanceOf(LedgerException.class)
        .hasMessageStartingWith("cannot open ledger '%s': %s".formatted(file, ""))
        .hasMessageContaining(why)
        .hasMessageEndingWith(
            Files.exists(file) ? "; the file is left unchanged" : "; no file was created");
  }

  private static Schema schemaWith(String next) {
    return new Schema(Stream.concat(Schema.CURRENT.scripts().stream(), Stream.of(next)).toList());
  }

  private static Database database(Path file) {
    return new Database(file, Duration.ofSeconds(5));
  }

  private static long number(Handle handle, String sql) {
    return handle.createQuery(sql).mapTo(long.class).one();
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  /** Every file of the folder, with a digest of its bytes. */
  private Map<String, String> contents() throws Exception {
    Map<String, String> contents = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(each));
        contents.put(each.getFileName().toString(), HexFormat.of().formatHex(digest));
      }
    }
    return contents;
  }
}
