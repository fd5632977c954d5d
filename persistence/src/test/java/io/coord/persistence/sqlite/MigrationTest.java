package io.coord.persistence.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.Change;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.IdTakenException;
import io.coord.persistence.Ledger;
import io.coord.persistence.Run;
import io.coord.persistence.testing.InMemoryLedger;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A ledger of each schema before this one opens, and everything is there. */
class MigrationTest {

  @TempDir private Path folder;

  static IntStream versionsBefore() {
    return IntStream.range(1, Schema.CURRENT.scripts().size());
  }

  @ParameterizedTest
  @MethodSource("versionsBefore")
  void aLedgerOfAnEarlierSchemaHoldsAllThatItHeld(int version) throws Exception {
    InMemoryLedger expected = new InMemoryLedger();
    expected.commit(FixtureTimeline.changes(version));
    try (SqliteLedger ledger = SqliteLedger.open(fixture(version))) {
      assertThat(ledger.active()).isNotEmpty().isEqualTo(expected.active());
      assertThat(ledger.ended(1_000)).isNotEmpty().isEqualTo(expected.ended(1_000));
      for (Experiment each : all(expected)) {
        assertThat(ledger.find(each.id())).contains(each);
        assertThat(ledger.runs(each.id()))
            .isEqualTo(expected.runs(each.id()).stream().map(run -> known(run, version)).toList());
        assertThat(ledger.transitions(each.id())).isEqualTo(expected.transitions(each.id()));
        assertThat(ledger.wasUsed(each.id())).isTrue();
      }
      assertThat(ledger.lastSequence()).isEqualTo(expected.lastSequence());
      assertThat(ledger.lastBoot()).isEqualTo(expected.lastBoot());
      assertThat(ledger.age()).isEqualTo(expected.age());
      assertThat(ledger.coordinatorState()).isEqualTo(expected.coordinatorState());
      assertThat(ledger.schedules()).isEqualTo(expected.schedules());
      assertThat(ledger.breakers()).isEqualTo(expected.breakers());
    }
  }

  /** How long a run lasted is not known of those that ended under schema 1. */
  private static Run known(Run run, int version) {
    return version > 1
        ? run
        : new Run(
            run.experiment(),
            run.number(),
            run.invocation(),
            run.startedAt(),
            run.endedAt(),
            run.end(),
            run.progress(),
            Optional.empty());
  }

  @ParameterizedTest
  @MethodSource("versionsBefore")
  void aLedgerOfAnEarlierSchemaGoesOn(int version) throws Exception {
    InMemoryLedger expected = new InMemoryLedger();
    expected.commit(FixtureTimeline.changes(version));
    try (SqliteLedger ledger = SqliteLedger.open(fixture(version))) {
      List<Experiment> all = all(expected);
      Experiment known = all.get(0);
      assertThatThrownBy(() -> ledger.commit(List.of(new Change.Enqueued(known, "{}"))))
          .isInstanceOf(IdTakenException.class);
      // What later schemas can hold follows what this one could.
      List<Change> whole = FixtureTimeline.changes(Schema.CURRENT.scripts().size());
      List<Change> rest = whole.subList(FixtureTimeline.changes(version).size(), whole.size());
      ledger.commit(rest);
      expected.commit(rest);
      assertThat(ledger.active()).isEqualTo(expected.active());
      assertThat(ledger.prune(Duration.ofDays(1), 1_000, Set.of()))
          .isPositive()
          .isEqualTo(expected.prune(Duration.ofDays(1), 1_000, Set.of()));
      assertThat(ledger.ended(1_000)).isEqualTo(expected.ended(1_000));
    }
  }

  @ParameterizedTest
  @MethodSource("versionsBefore")
  void aMigratedLedgerHasTheSchemaOfANewOne(int version) throws Exception {
    try (SqliteLedger migrated = SqliteLedger.open(fixture(version));
        SqliteLedger made = SqliteLedger.open(folder.resolve("new.db"))) {
      assertThat(schema(migrated)).isNotEmpty().isEqualTo(schema(made));
    }
  }

  /** So that the fixture is made while the program that can make it is there. */
  @Test
  void thisSchemaHoldsTheWholeTimeline() {
    int current = Schema.CURRENT.scripts().size();
    try (SqliteLedger ledger = SqliteLedger.open(folder.resolve("now.db"))) {
      InMemoryLedger expected = new InMemoryLedger();
      ledger.commit(FixtureTimeline.changes(current));
      expected.commit(FixtureTimeline.changes(current));
      assertThat(all(ledger)).isEqualTo(all(expected));
      assertThat(ledger.schedules()).isNotEmpty();
      assertThat(ledger.breakers()).isNotEmpty();
    }
  }

  /** The notes of schema 2, also those that no program wrote. */
  @ParameterizedTest
  @CsvSource({
    "throttled-from, all, Optional[CpuLimit[percentOfOneCore=OptionalInt.empty]]",
    "throttled-from, 50, Optional[CpuLimit[percentOfOneCore=OptionalInt[50]]]",
    "throttled-from, half, Optional[CpuLimit[percentOfOneCore=OptionalInt.empty]]",
    "throttled-from, , Optional.empty",
    "power-before, 12 MODE_30W, 'Optional[StoredPowerMode[id=12, name=MODE_30W]]'",
    "power-before, 12 , Optional.empty",
    "power-before, MODE_30W, Optional.empty",
    "power-before, x MODE_30W, Optional.empty",
    "power-before, , Optional.empty",
    "draining, by 'bob', Optional[by 'bob']",
    "draining, , Optional.empty",
  })
  void aNoteOfSchema2BecomesAColumn(String name, String value, String expected) throws Exception {
    Path file = fixture(2);
    try (Handle handle = new Database(file, Duration.ofSeconds(5)).connectReadWrite()) {
      handle.execute("DELETE FROM note WHERE name = ?", name);
      if (value != null) {
        handle.execute("INSERT INTO note VALUES (?, ?)", name, value);
      }
    }
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      CoordinatorState state = ledger.coordinatorState();
      Optional<?> held =
          switch (name) {
            case "draining" -> state.draining();
            case "power-before" -> state.powerModeBefore();
            default -> state.throttledFrom();
          };
      assertThat(held).hasToString(expected);
    }
  }

  private static List<Experiment> all(Ledger ledger) {
    return IntStream.of(0, 1)
        .mapToObj(i -> i == 0 ? ledger.active() : ledger.ended(1_000))
        .flatMap(List::stream)
        .toList();
  }

  private static List<String> schema(SqliteLedger ledger) {
    return ledger
        .reader()
        .createQuery("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        .mapTo(String.class)
        .list();
  }

  /** The file that the program of this schema wrote. */
  private Path fixture(int version) throws Exception {
    String name = "ledger-V" + version + ".sql";
    Path file = Files.createFile(folder.resolve(name + ".db"));
    try (Handle handle = new Database(file, Duration.ofSeconds(5)).connectReadWrite()) {
      Database.execute(handle, text(name));
      String held = handle.createQuery("PRAGMA user_version").mapTo(String.class).one();
      assertThat(held).isEqualTo(Integer.toString(version));
    }
    return file;
  }

  private static String text(String name) throws IOException {
    try (InputStream in = MigrationTest.class.getResourceAsStream(name)) {
      assertThat(in).as("the fixture %s; FixtureTimeline says how it is made", name).isNotNull();
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
