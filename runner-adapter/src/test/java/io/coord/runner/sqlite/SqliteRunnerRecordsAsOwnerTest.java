package io.coord.runner.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coord.runner.RunnerRecords;
import io.coord.runner.RunnerReport;
import io.coord.runner.UserFileAccess;
import io.coord.runner.setpriv.SetprivFileAccess;
import java.nio.file.Files;
import java.nio.file.Path;
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
