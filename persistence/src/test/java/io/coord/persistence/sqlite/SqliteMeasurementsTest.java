package io.coord.persistence.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.DownsampledInterval;
import io.coord.persistence.GpuStatus;
import io.coord.persistence.HeatStatus;
import io.coord.persistence.HottestZone;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.Measurement;
import io.coord.persistence.Measurements;
import io.coord.persistence.MeasurementsContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract on a real file, and what only a file has: settings, bounds, damage, a full disk. */
class SqliteMeasurementsTest extends MeasurementsContract {

  private static final Duration BUSY_TIMEOUT = Duration.ofMillis(5);

  @TempDir private Path folder;

  private @Nullable Handle holder;

  @Override
  protected Measurements create() {
    Opened<SqliteMeasurements> opened = SqliteMeasurements.open(file(), BUSY_TIMEOUT);
    assertThat(opened.replaced()).isEmpty();
    return opened.store();
  }

  @Override
  protected Measurements reopen(Measurements open) {
    open.close();
    return create();
  }

  @Override
  protected void obstruct() {
    holder = database().connectReadWrite();
    execute(holder, "BEGIN IMMEDIATE");
  }

  @Override
  protected void clear() {
    letGo();
  }

  @AfterEach
  void letGo() {
    if (holder != null) {
      holder.close();
      holder = null;
    }
  }

  private Path file() {
    return folder.resolve("measurements.db");
  }

  private Database database() {
    return new Database(file(), Duration.ofSeconds(5)).forMeasurements();
  }

  private Handle handle() {
    return ((SqliteMeasurements) measurements).handle();
  }

  private long number(String sql) {
    return handle().createQuery(sql).mapTo(long.class).one();
  }

  private static void execute(Handle handle, String sql) {
    try {
      Database.execute(handle, sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private void add(Instant at) {
    assertThat(measurements.add(calm(at, 40_000), running("a"))).isEmpty();
  }

  @Test
  void theSettingsAreInForceAndNotOnlyAskedFor() {
    assertThat(handle().createQuery("PRAGMA journal_mode").mapTo(String.class).one())
        .isEqualTo("wal");
    assertThat(number("PRAGMA synchronous")).as("1 is NORMAL").isEqualTo(1);
    assertThat(number("PRAGMA user_version")).isEqualTo(1);
    assertThat(handle().createQuery("PRAGMA table_list").mapToMap().list())
        .filteredOn(table -> !String.valueOf(table.get("name")).startsWith("sqlite_"))
        .hasSize(5)
        .allSatisfy(table -> assertThat(table).containsEntry("strict", 1));
  }

  @Test
  void nothingIsWrittenBeforeItIsTime() throws IOException {
    Path log = folder.resolve("measurements.db-wal");
    long before = Files.size(log);
    for (int second = 0; second < 9; second++) {
      add(T0.plusSeconds(second));
    }
    assertThat(Files.size(log)).isEqualTo(before);
    assertThat(number("SELECT count(*) FROM second")).isZero();
    add(T0.plusSeconds(9));
    assertThat(number("SELECT count(*) FROM second")).isEqualTo(10);
  }

  @Test
  void whateverTheClockShowsTheRowsAreBounded() {
    Random random = new Random(1);
    int steps = Measurements.MINUTES_KEPT + 2 * Measurements.SECONDS_KEPT;
    for (int step = 0; step < steps; step++) {
      // A minute that nothing else was in, in either direction from 1970.
      long minute = (random.nextBoolean() ? 1L : -1L) * step;
      add(Instant.EPOCH.plusSeconds(60 * minute));
    }
    measurements.flush();
    assertThat(number("SELECT count(*) FROM second"))
        .isBetween((long) Measurements.SECONDS_KEPT, Measurements.SECONDS_KEPT + 60L);
    assertThat(number("SELECT count(*) FROM minute")).isEqualTo(Measurements.MINUTES_KEPT);
    assertThat(number("SELECT count(*) FROM minute WHERE abs(at) < 60000 * 3500"))
        .as("those that came first are gone")
        .isZero();
    assertThat(number("SELECT max(number) - min(number) + 1 - count(*) FROM minute")).isZero();
    assertThat(number("SELECT max(number) - min(number) + 1 - count(*) FROM second")).isZero();
  }

  @Test
  void aMonthFitsIntoSomeMegabytesAndStaysThere() throws IOException {
    List<Long> sizes = new ArrayList<>();
    int minute = 0;
    for (int month = 0; month < 2; month++) {
      for (int i = 0; i < Measurements.MINUTES_KEPT + Measurements.SECONDS_KEPT; i++) {
        addBusySecond(T0.plusSeconds(60L * minute), minute);
        minute++;
      }
      measurements.flush();
      assertThat(number("SELECT count(*) FROM minute"))
          .isBetween(Measurements.MINUTES_KEPT - 60L, (long) Measurements.MINUTES_KEPT);
      assertThat(Files.size(folder.resolve("measurements.db-wal"))).isLessThan(6L << 20);
      measurements = reopen(measurements);
      sizes.add(Files.size(file()));
    }
    assertThat(sizes.get(0)).isLessThan(6L << 20);
    assertThat(sizes.get(1)).isLessThan(sizes.get(0) + (256 << 10));
    Instant end = T0.plusSeconds(60L * minute);
    List<DownsampledInterval> plot = measurements.between(end.minus(Duration.ofDays(31)), end, 500);
    assertThat(plot).hasSize(500);
  }

  private void addBusySecond(Instant at, int step) {
    Measurement busy =
        new Measurement(
            at,
            Duration.ofMillis(1_000 + step % 7),
            Optional.of(new HottestZone("soc0-thermal", 45_000 + step % 30_011)),
            OptionalInt.of(7_000 + step % 9_001),
            "MAXN_SUPER",
            new HeatStatus("normal", 100, step % 3 == 0),
            new GpuStatus(OptionalInt.of(step % 101), OptionalInt.of(1_020)));
    assertThat(measurements.add(busy, running("0123456789abcdef0123456789abcdef"))).isEmpty();
  }

  @Test
  void readingForAPlotUsesTheIndex() {
    assertThat(
            handle()
                .createQuery("EXPLAIN QUERY PLAN " + MeasurementSql.MINUTES)
                .bind("from", 0)
                .bind("to", 1)
                .map((row, context) -> row.getString("detail"))
                .list())
        .containsExactly("SEARCH minute USING INDEX sqlite_autoindex_minute_1 (at>? AND at<?)");
  }

  @Test
  void aFullDiskKeepsTheLatestHourInMemoryAndGoesOnWhenThereIsSpace() {
    measurements.flush();
    long pages = number("PRAGMA page_count");
    int seconds = 2 * Measurements.SECONDS_KEPT;
    Optional<LedgerException> last = Optional.empty();
    for (int second = 0; second < seconds; second++) {
      limitTo(pages);
      Optional<LedgerException> failure =
          measurements.add(calm(T0.plusSeconds(second), 40_000), running("run-" + second));
      last = failure.isPresent() ? failure : last;
    }
    assertThat(last.orElseThrow().kind()).isEqualTo(Kind.DISK_FULL);
    limitTo(pages);
    assertThatThrownBy(measurements::flush)
        .isInstanceOfSatisfying(
            LedgerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DISK_FULL))
        .hasMessage(
            "cannot store measurements in '%s': no space left on the device;"
                + " the latest stay in memory and are written later",
            file());
    assertThat(measurements.ofRun("run-" + (seconds - 1))).isPresent();
    assertThat(measurements.ofRun("run-" + (seconds - PendingMeasurements.MAX_RUNS - 1))).isEmpty();
    assertThat(measurements.latest(seconds).size() - number("SELECT count(*) FROM second"))
        .isEqualTo(Measurements.SECONDS_KEPT);
    execute(handle(), "PRAGMA max_page_count = 1000000");
    measurements = reopen(measurements);
    assertThat(measurements.latest(1)).containsExactly(calm(T0.plusSeconds(seconds - 1), 40_000));
    assertThat(number("SELECT age_ms FROM meta")).isEqualTo(seconds * 1_000L);
  }

  /** Anew before each call: a connection that failed may be another one by then. */
  private void limitTo(long pages) {
    execute(handle(), "PRAGMA max_page_count = " + pages);
  }

  @Test
  void threadsAddAndReadAtOnceAndNothingIsLostOrCountedTwice() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> adding = new ArrayList<>();
      for (int thread = 0; thread < 2; thread++) {
        adding.add(threads.submit(() -> addMany(1_500)));
      }
      Future<?> reading = threads.submit(() -> readWhileItGrows(3_000));
      for (Future<?> each : adding) {
        each.get();
      }
      reading.get();
    } finally {
      threads.shutdownNow();
    }
    measurements.flush();
    assertThat(number("SELECT measured_ms FROM run")).isEqualTo(3_000_000);
  }

  private void addMany(int many) {
    for (int second = 0; second < many; second++) {
      add(T0.plusSeconds(second));
    }
  }

  private void readWhileItGrows(int seconds) {
    long before = 0;
    for (int times = 0; times < 50; times++) {
      long now =
          measurements.between(T0, T0.plusSeconds(seconds), 10).stream()
              .mapToLong(span -> span.measured().toSeconds())
              .sum();
      assertThat(now).isBetween(before, (long) seconds);
      long ofRun = measurements.ofRun("a").map(run -> run.measured().toSeconds()).orElse(0L);
      assertThat(ofRun).isBetween(now, (long) seconds);
      before = now;
    }
  }

  @Test
  void aNewerFileIsReplaced() throws Exception {
    add(T0);
    measurements.close();
    try (Handle newer = database().connectReadWrite()) {
      Database.execute(newer, "PRAGMA user_version = 7");
    }
    assertReplaced(
        "schema version 7 is newer than version 1 of this program; use the newer program");
    try (Handle kept =
        new Database(folder.resolve("measurements.db.damaged-1"), Duration.ZERO).connectReader()) {
      assertThat(kept.createQuery("SELECT count(*) FROM second").mapTo(int.class).one()).isOne();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 70_000})
  void aDamagedFileIsReplaced(int size) throws Exception {
    measurements.close();
    byte[] garbage = new byte[size];
    new Random(size).nextBytes(garbage);
    Files.write(file(), garbage);
    assertReplaced("not an SQLite database");
    assertThat(folder.resolve("measurements.db.damaged-1")).hasBinaryContent(garbage);
  }

  private void assertReplaced(String why) {
    Opened<SqliteMeasurements> opened = SqliteMeasurements.open(file());
    measurements = opened.store();
    assertThat(opened.replaced())
        .contains(new ReplacedFile(file().resolveSibling("measurements.db.damaged-1"), why));
    assertThat(measurements.latest(9)).isEmpty();
    add(T0);
    measurements.flush();
  }

  @Test
  void damageWhileInUseIsReportedAndFoundByTheNextOpening() throws Exception {
    add(T0);
    measurements = reopen(measurements);
    measurements.close();
    byte[] bytes = Files.readAllBytes(file());
    Arrays.fill(bytes, 4_096, bytes.length, (byte) 0x5a);
    Files.write(file(), bytes);
    assertThat(SqliteMeasurements.open(file()).replaced()).isPresent();
  }

  @Test
  void aLedgerInItsPlaceIsRefusedAndLeftAsItIs() throws IOException {
    Path ledger = folder.resolve("ledger.db");
    SqliteLedger.open(ledger).close();
    byte[] before = Files.readAllBytes(ledger);
    assertThatThrownBy(() -> SqliteMeasurements.open(ledger))
        .isInstanceOf(LedgerException.class)
        .hasMessage(
            "cannot open measurement store '%s': the file is a database, but not a measurement"
                + " store of coord; the file is left unchanged",
            ledger);
    assertThat(ledger).hasBinaryContent(before);
  }

  @Test
  void aFolderInItsPlaceIsRefused() throws IOException {
    Path inTheWay = Files.createDirectory(folder.resolve("folder.db"));
    assertThatThrownBy(() -> SqliteMeasurements.open(inTheWay))
        .isInstanceOf(LedgerException.class)
        .hasMessageStartingWith("cannot open measurement store '" + inTheWay + "': ");
  }
}
