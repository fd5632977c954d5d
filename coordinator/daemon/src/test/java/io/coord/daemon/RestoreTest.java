package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.Submission;
import io.coord.persistence.sqlite.SqliteLedger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup is put back while no daemon runs, and the ids of what came after it stay used. */
class RestoreTest {
  private static final String ACCOUNT = System.getProperty("user.name");

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream error = new ByteArrayOutputStream();
  private Paths paths;
  private Path backup;

  @BeforeEach
  void goOnAfterABackup() {
    paths =
        Paths.of(
            false,
            Map.of(
                "COORD_STATE_DIR", folder.resolve("state").toString(),
                "COORD_RUNTIME_DIR", folder.resolve("run").toString()));
    backup = folder.resolve("backup.db");
    try (SqliteLedger ledger = SqliteLedger.open(paths.database())) {
      ledger.commit(List.of(enqueued(1)));
      ledger.backup(backup);
      ledger.commit(List.of(enqueued(2), enqueued(3)));
    }
  }

  private static Change enqueued(long sequence) {
    return new Change.Enqueued(
        Experiment.enqueued(
            "exp-" + sequence,
            sequence,
            new Submission("ada", 0, 1, Instant.EPOCH, Optional.empty(), Optional.empty()),
            "test"),
        "{}");
  }

  private int restore(String account, boolean dryRun, boolean json) {
    return new Restore(
            paths,
            account,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(error, true, StandardCharsets.UTF_8))
        .run(backup, dryRun, json);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String refused() {
    return error.toString(StandardCharsets.UTF_8);
  }

  /** As the next daemon gives it. */
  private String nextId() {
    try (Lifecycle lifecycle = new Lifecycle()) {
      Stores stores = Stores.open(paths, lifecycle);
      long left = new LeftoversOnDisk(paths.state(), paths.units()).largestNumber();
      return "exp-" + (stores.restored().notBefore(left).lastSequence() + 1);
    }
  }

  @Test
  void whatWasEnqueuedAfterTheBackupIsUnknownAndItsIdsStayUsed() {
    assertThat(restore(ACCOUNT, false, false)).isZero();
    Path kept = paths.state().resolve("coord.db.before-restore-1");
    assertThat(printed())
        .isEqualTo(
            """
            2 experiments only in the database; unknown after the restore

            EXPERIMENT  DATABASE  BACKUP
            exp-3       queued    -
            exp-2       queued    -
            restored '%s' as '%s'
            the database before is '%s'
            start the daemon again; it takes over the experiments that run
            """
                .formatted(backup, paths.database(), kept));
    try (SqliteLedger ledger = SqliteLedger.open(paths.database())) {
      assertThat(ledger.active()).extracting(Experiment::id).containsExactly("exp-1");
    }
    assertThat(nextId()).isEqualTo("exp-4");
    assertThat(kept).exists();
  }

  /** The database is gone, and nothing but the records tells that there was an experiment. */
  @Test
  void theNextIdIsPastEverythingThatIsFound() throws IOException {
    Files.delete(paths.database());
    Files.createDirectories(paths.state().resolve("exits"));
    Files.createFile(paths.state().resolve("exits/exp-9.log"));
    assertThat(restore(ACCOUNT, false, false)).isZero();
    assertThat(printed()).startsWith("there is no database '" + paths.database() + "'");
    assertThat(nextId()).isEqualTo("exp-10");
  }

  @Test
  void aDryRunChangesNothing() throws IOException {
    byte[] before = Files.readAllBytes(paths.database());
    assertThat(restore(ACCOUNT, true, false)).isZero();
    assertThat(printed()).contains("exp-3       queued    -").endsWith("nothing was changed\n");
    assertThat(paths.database()).hasBinaryContent(before);
  }

  @Test
  void saysTheSameAsJson() {
    assertThat(restore(ACCOUNT, false, true)).isZero();
    assertThat(printed())
        .startsWith("{\"restored\":true,\"file\":\"" + backup)
        .contains("\"database_only\":{\"count\":2,\"latest\":[{\"id\":\"exp-3\",")
        .contains("\"kept\":\"" + paths.database() + ".before-restore-1\"");
  }

  @Test
  void refusesWhileTheDaemonRuns() throws IOException {
    try (Lifecycle daemon = new Lifecycle()) {
      StateDirectories.open(paths, daemon);
      assertThat(restore(ACCOUNT, false, false)).isEqualTo(2);
    }
    assertThat(refused())
        .isEqualTo(
            "coord: cannot restore '%s': the daemon is running; stop it, for example with 'systemctl stop brain-experiment-coordinator'; nothing was changed\n"
                .formatted(backup));
  }

  @Test
  void refusesAnotherAccount() {
    assertThat(restore("somebody-else", false, false)).isEqualTo(2);
    assertThat(refused())
        .contains("only root and the owner of '" + paths.state() + "'")
        .endsWith("nothing was changed\n");
  }

  @Test
  void refusesADamagedFile() throws IOException {
    Files.writeString(backup, "x".repeat(5_000));
    assertThat(restore(ACCOUNT, false, false)).isEqualTo(2);
    assertThat(refused())
        .isEqualTo(
            "coord: cannot restore '"
                + backup
                + "': not an SQLite database; nothing was changed\n");
    assertThat(nextId()).isEqualTo("exp-4");
  }
}
