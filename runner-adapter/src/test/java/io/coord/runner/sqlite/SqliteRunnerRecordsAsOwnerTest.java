package io.coord.runner.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.runner.Deadline;
import io.coord.runner.RunnerRecords;
import io.coord.runner.RunnerReport;
import io.coord.runner.UnreadableException;
import io.coord.runner.UserFileAccess;
import io.coord.runner.setpriv.SetprivFileAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same, copied by a process with the ids of an account, which here is root itself. */
class SqliteRunnerRecordsAsOwnerTest extends SqliteRunnerRecordsTest {
  @TempDir private Path other;

  @BeforeEach
  void needsRoot() throws Exception {
    assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "needs root");
  }

  @Override
  UserFileAccess files(Path temporary) {
    return new SetprivFileAccess(temporary);
  }

  @Test
  void theReaderHasTheIdsOfTheOwner() throws Exception {
    Path copy = Files.createDirectories(other.resolve("closed/scratch/1")).resolve("copy.db");
    Databases.execute(copy, Databases.ORIGINAL);
    UserFileAccess.DatabaseQueries queries = RunnerTables.queries("a");
    Deadline deadline = Deadline.in(20_000_000_000L, System::nanoTime);

    open("rwx------");
    assertThatExceptionOfType(UnreadableException.class)
        .as("root could open it")
        .isThrownBy(() -> files(other).query("nobody", copy, queries, deadline))
        .satisfies(e -> assertThat(e.why()).contains("unable to open database file"));

    open("rwx--x--x");
    assertThat(files(other).query("nobody", copy, queries, deadline).orElseThrow())
        .contains(Optional.of("running"), Optional.of("20"));
    assertThat(Files.getOwner(copy).getName()).isEqualTo("nobody");
    assertThat(Files.getAttribute(copy.resolveSibling("."), "unix:uid")).isEqualTo(0);
  }

  private void open(String mode) throws IOException {
    for (Path folder : List.of(other, other.resolve("closed"))) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }
  }

  /** A millisecond is left, and a process needs more. */
  @Test
  @Override
  void givesUpAfterASecond() throws Exception {
    Path database = other.resolve("state.db");
    Databases.execute(database, Databases.ORIGINAL);
    AtomicLong slow = new AtomicLong();
    RunnerReport report =
        new SqliteRunnerRecords(
                other.resolve("scratch"), files(other), () -> slow.getAndAdd(4_000_000_000L))
            .read(database, "root", "a", RunnerRecords.LOOK);
    assertThat(report)
        .isEqualTo(new RunnerReport.Unreadable("cannot be copied: it took longer than 0.001 s"));
  }
}
