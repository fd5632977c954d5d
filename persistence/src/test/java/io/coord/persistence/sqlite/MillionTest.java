package io.coord.persistence.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.Submission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * That a long history slows nothing down, in figures. By hand: {@code mvn -pl persistence test
 * -Dtest=MillionTest -Dcoord.million=true}; needs 3 GB in the temporary folder and some minutes.
 * The normal build checks the query plans instead ({@link SqliteLedgerTest}).
 */
@Tag("slow")
@EnabledIfSystemProperty(named = "coord.million", matches = "true")
class MillionTest {

  private static final int MANY = 1_000_000;
  private static final int FEW = 1_000;
  private static final int ACTIVE = 100;

  @TempDir private Path folder;

  private long sequence;

  @Test
  void aMillionFinishedExperimentsDoNotSlowAnythingDown() throws Exception {
    List<Long> few = measure(FEW);
    List<Long> many = measure(MANY);
    for (int i = 0; i < few.size(); i++) {
      // Ten times is what a cache that is cold, or another's load on the machine, may cost; reading
      // what is not asked for would cost a thousand times.
      assertThat(many.get(i)).isLessThan(10 * Math.max(few.get(i), 100_000));
    }
  }

  /** The medians, in nanoseconds, of what is done all the time. */
  private List<Long> measure(int ended) throws Exception {
    Path file = folder.resolve(ended + ".db");
    SqliteLedger.open(file).close();
    try (Handle handle = new Database(file, Duration.ofSeconds(5)).connectReadWrite()) {
      fill(handle, ended);
    }
    System.out.printf("%n%,d ended, %d active, %,d MB%n", ended, ACTIVE, Files.size(file) >> 20);
    long before = System.nanoTime();
    try (SqliteLedger ledger = SqliteLedger.open(file)) {
      print("open", System.nanoTime() - before, 0);
      before = System.nanoTime();
      assertThat(ledger.check()).isEmpty();
      print("check of the whole", System.nanoTime() - before, 0);
      sequence = ledger.lastSequence();
      List<Long> medians = new ArrayList<>();
      medians.add(times("active()", 200, i -> assertThat(ledger.active()).hasSize(ACTIVE)));
      medians.add(
          times(
              "find(some)",
              2_000,
              i -> assertThat(ledger.find("experiment-" + some(i, ended))).isPresent()));
      medians.add(times("find(none)", 2_000, i -> assertThat(ledger.find("no-" + i)).isEmpty()));
      medians.add(
          times(
              "runs(some)",
              2_000,
              i -> assertThat(ledger.runs("experiment-" + some(i, ended))).isNotEmpty()));
      medians.add(times("ended(20)", 500, i -> assertThat(ledger.ended(20)).hasSize(20)));
      medians.add(times("commit, enqueue", 500, i -> ledger.commit(List.of(enqueued("new-" + i)))));
      medians.add(times("commit, end", 500, i -> ledger.commit(List.of(ended("new-" + i)))));
      times("prune, 50 at once", ended / 100, i -> ledger.prune(Duration.ZERO, 50, Set.of()));
      times("commit after that", 200, i -> ledger.commit(List.of(enqueued("newer-" + i))));
      before = System.nanoTime();
      ledger.backup(folder.resolve(ended + ".copy"));
      print("backup of the half that is left", System.nanoTime() - before, 0);
      return medians;
    }
  }

  private static int some(int i, int ended) {
    return 1 + Math.floorMod(i * 7_919, ended);
  }

  private interface Call {
    void number(int i);
  }

  private static long times(String what, int times, Call call) {
    long[] nanos = new long[times];
    for (int i = 0; i < times; i++) {
      long before = System.nanoTime();
      call.number(i);
      nanos[i] = System.nanoTime() - before;
    }
    Arrays.sort(nanos);
    print(what, nanos[times / 2], nanos[times * 99 / 100]);
    return nanos[times / 2];
  }

  private static void print(String what, long median, long high) {
    System.out.printf("%-32s %,12.3f ms   p99 %,10.3f ms%n", what, median / 1e6, high / 1e6);
  }

  private Change enqueued(String id) {
    sequence++;
    return new Change.Enqueued(
        Experiment.enqueued(
            id,
            sequence,
            new Submission("ada", 0, 0, Instant.EPOCH, Optional.empty(), Optional.empty()),
            ""),
        "{}");
  }

  private static Change ended(String id) {
    return new Change.Moved(
        id,
        new Phase.Queued(),
        new Phase.Ended(ExperimentState.COMPLETED),
        false,
        Instant.EPOCH,
        "verified");
  }

  /** Each of the ended with a spec of 400 characters, two runs and five transitions. */
  private static void fill(Handle handle, int ended) throws Exception {
    Database.execute(
        handle,
        """
        PRAGMA synchronous = OFF;
        BEGIN;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %1$d + %2$d)
        INSERT INTO experiment
              (id, sequence, priority, owner, ram_bytes, enqueued_at, state, reason, since, front,
               runs, crashes, interruptions, records_seen, ended_order, ended_age_ms, spec)
        SELECT 'experiment-' || i, i, 0, 'ada', 1073741824, 1795176000000 + i,
               iif(i <= %1$d, 'completed', 'queued'), 'verified complete', 1795176000000 + i, 0,
               2, 1, 0, 2, iif(i <= %1$d, i, NULL), iif(i <= %1$d, 0, NULL),
               '{"argv": "' || hex(zeroblob(195)) || '"}'
        FROM n;
        INSERT INTO used_id SELECT sequence, id FROM experiment;
        INSERT INTO run
              (experiment, number, invocation, started_at, ended_at, end_kind, end_cause,
               end_detail, lasted_ms)
        SELECT id, number, hex(randomblob(16)), since, since, 'crash', 'exit_code', 'exit code 3', 1
        FROM experiment, (SELECT 1 AS number UNION ALL SELECT 2) WHERE ended_order IS NOT NULL
        ORDER BY id, number;
        INSERT INTO transition (experiment, from_state, to_state, at, reason)
        SELECT experiment.id, 'running', 'restarting', since, 'exit code 3; systemd starts it again'
        FROM experiment, json_each('[1,2,3,4,5]') WHERE ended_order IS NOT NULL;
        UPDATE meta SET last_sequence = (SELECT max(sequence) FROM experiment);
        COMMIT;
        """
            .formatted(ended, ACTIVE));
  }
}
