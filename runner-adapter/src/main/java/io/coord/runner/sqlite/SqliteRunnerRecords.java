package io.coord.runner.sqlite;

import io.coord.runner.Deadline;
import io.coord.runner.Quoting;
import io.coord.runner.RunnerRecords;
import io.coord.runner.RunnerReport;
import io.coord.runner.Spec;
import io.coord.runner.UnreadableException;
import io.coord.runner.UserFileAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Reads runners' databases. Threads may share it. */
public final class SqliteRunnerRecords implements RunnerRecords {
  /** As long as a transaction on a slow card takes; the next look then finds it done. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Path scratch;
  private final UserFileAccess files;
  private final LongSupplier nanoTime;

  /**
   * @param scratch a private directory for copies; created if missing
   * @param files copies what is to be read
   * @param nanoTime elapsed time
   */
  public SqliteRunnerRecords(Path scratch, UserFileAccess files, LongSupplier nanoTime) {
    this.scratch = scratch;
    this.files = files;
    this.nanoTime = nanoTime;
  }

  @Override
  public RunnerReport of(Spec spec, Path folder, String owner, Duration patience) {
    if (!(spec.task() instanceof Spec.Config config)) {
      return new RunnerReport.Silent("is not looked for: it is a command", false);
    }
    if (config.experimentId().isEmpty()) {
      return new RunnerReport.Silent("is not looked for: the config has no experiment_id", false);
    }
    return read(folder.resolve(Spec.Config.DATABASE), owner, config.experimentId().get(), patience);
  }

  /** The facts about an experiment in a database. */
  RunnerReport read(Path database, String owner, String experimentId, Duration patience) {
    Deadline deadline = Deadline.in(patience.toNanos(), nanoTime);
    Optional<String> meanwhile = Optional.empty();
    while (true) {
      try {
        return readOnce(database, owner, experimentId, deadline);
      } catch (UnreadableException e) {
        switch (e.kind()) {
          case MISSING -> {
            return new RunnerReport.Silent(e.why(), true);
          }
          case LASTING -> {
            return new RunnerReport.Damaged(e.why());
          }
          case LATER -> {
            // The cause is reported, not the attempt in which the time ran out.
            return new RunnerReport.Unreadable(meanwhile.orElse(e.why()));
          }
          case PASSING -> {
            if (deadline.hasPassed()) {
              return new RunnerReport.Unreadable(e.why());
            }
            meanwhile = Optional.of(e.why());
          }
        }
      } catch (SQLException | IOException | RuntimeException e) {
        return new RunnerReport.Unreadable(
            "cannot be read: " + Quoting.oneLine(String.valueOf(e.getMessage()), 200));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private RunnerReport readOnce(Path database, String owner, String experimentId, Deadline deadline)
      throws UnreadableException, SQLException, IOException {
    FileAttribute<?> ours =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(scratch, ours);
    // A name that nobody can guess.
    Path folder = Files.createTempDirectory(scratch, "copy", ours);
    try {
      Path copy = folder.resolve("copy.db");
      files.copyDatabase(owner, database, copy, deadline);
      Optional<List<Optional<String>>> values =
          files.query(owner, copy, RunnerTables.queries(experimentId), deadline);
      if (values.isPresent()) {
        return RunnerTables.facts(experimentId, values.get());
      }
      try (RunnerDatabase open = new RunnerDatabase(copy, deadline)) {
        return open.facts(experimentId);
      }
    } catch (SQLiteException e) {
      throw inWords(e);
    } finally {
      delete(folder);
    }
  }

  private static UnreadableException inWords(SQLiteException e) {
    SQLiteErrorCode code = e.getResultCode();
    String problem = "cannot be read: " + Quoting.oneLine(String.valueOf(e.getMessage()), 200);
    return switch (code) {
      case SQLITE_NOTADB -> UnreadableException.lasting("is not an SQLite database");
      case SQLITE_CORRUPT -> UnreadableException.lasting("is corrupt");
      case SQLITE_INTERRUPT -> UnreadableException.later("cannot be read in time");
      // What is in it: a schema or a value that no such runner writes.
      case SQLITE_ERROR, SQLITE_SCHEMA, SQLITE_TOOBIG, SQLITE_AUTH, SQLITE_MISMATCH ->
          UnreadableException.lasting(problem);
      default -> UnreadableException.later(problem);
    };
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
