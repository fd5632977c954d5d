package io.coord.persistence.sqlite;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.LedgerDifferences;
import io.coord.persistence.LedgerDifferences.Difference;
import io.coord.persistence.LedgerDifferences.Group;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Puts a backup in the place of a ledger that nobody uses. The backup is copied beside the ledger
 * first, and what is checked is the copy that is put in place. A process that dies in between
 * leaves the ledger as it was, and a hidden file that the next restore replaces.
 *
 * <p>For one thread. The caller makes sure that no other process has the ledger open.
 */
public final class LedgerRestore implements AutoCloseable {
  private static final String COPY = ".coord-restore.partial";

  private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);

  /** What SQLite keeps beside a file that was copied while it was in use. */
  private static final List<String> LOGS = List.of("-wal", "-journal");

  /** The first schema with a table of used ids, and with one of the coordinator's state. */
  private static final int WITH_USED_IDS = 2;

  private static final int WITH_COORDINATOR_STATE = 3;

  private final Path backup;
  private final Database copy;
  private final Database ledger;

  private LedgerRestore(Path backup, Database copy, Database ledger) {
    this.backup = backup;
    this.copy = copy;
    this.ledger = ledger;
  }

  /**
   * Copies a backup beside a ledger, checks all of the copy, and brings it to this program's
   * schema.
   *
   * @param file the ledger, in a folder that exists; need not exist itself
   * @throws LedgerException if the backup is not a ledger, is damaged, has a newer schema or cannot
   *     be read, or if there is no space for the copy; nothing was changed
   */
  public static LedgerRestore prepare(Path backup, Path file) {
    Path from = backup.toAbsolutePath().normalize();
    @Nullable LedgerRestore restore = null;
    try {
      Database ledger = Database.of(file, BUSY_TIMEOUT);
      requireBackup(from, ledger);
      Database copy = new Database(ledger.file().resolveSibling(COPY), BUSY_TIMEOUT);
      restore = new LedgerRestore(from, copy, ledger);
      restore.copy();
      restore.check();
      LedgerRestore prepared = restore;
      restore = null;
      return prepared;
    } catch (OpeningException e) {
      throw refusal(e.kind(), from, e.why(), e);
    } catch (IOException e) {
      throw refusal(SqliteFailure.kind(e, file), from, SqliteFailure.plain(e), e);
    } finally {
      if (restore != null) {
        restore.close();
      }
    }
  }

  private static void requireBackup(Path backup, Database ledger) throws IOException {
    if (!Files.exists(backup)) {
      throw refusal(Kind.OTHER, backup, "there is no such file", null);
    }
    if (!Files.isRegularFile(backup)) {
      throw refusal(Kind.OTHER, backup, "it is not a file", null);
    }
    if (Files.exists(ledger.file()) && Files.isSameFile(backup, ledger.file())) {
      throw refusal(Kind.OTHER, backup, "it is the present database itself", null);
    }
  }

  private static LedgerException refusal(
      Kind kind, Path backup, String why, @Nullable Throwable cause) {
    return new LedgerException(
        kind, "cannot restore '%s': %s; nothing was changed".formatted(backup, why), cause);
  }

  private void copy() throws IOException {
    copy.delete();
    Files.createFile(
        copy.file(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (var out = Files.newOutputStream(copy.file())) {
      Files.copy(backup, out);
    }
    for (String suffix : LOGS) {
      Path log = backup.resolveSibling(backup.getFileName() + suffix);
      if (Files.isRegularFile(log)) {
        Files.copy(log, copy.companion(suffix));
      }
    }
  }

  private void check() throws IOException {
    if (Files.size(copy.file()) == 0) {
      throw refusal(Kind.CORRUPT, backup, "the file is empty", null);
    }
    Schema.CURRENT.requireOwn(copy);
    try (SqliteLedger opened =
        LedgerOpening.open(copy.file(), copy.busyTimeout(), Schema.CURRENT)) {
      Optional<String> damage = opened.check();
      if (damage.isPresent()) {
        throw refusal(Kind.CORRUPT, backup, damage.get(), null);
      }
    }
  }

  /** How the present ledger differs; empty if there is none, or if it cannot be read. */
  public Optional<LedgerDifferences> differences() {
    try (Handle handle = copy.connectReadWrite()) {
      return attach(handle).isPresent()
          ? Optional.of(
              new LedgerDifferences(
                  group(handle, RestoreSql.Difference.PRESENT_ONLY),
                  group(handle, RestoreSql.Difference.BACKUP_ONLY),
                  group(handle, RestoreSql.Difference.CHANGED),
                  group(handle, RestoreSql.Difference.UNLIKE)))
          : Optional.empty();
    } catch (JdbiException e) {
      return Optional.empty();
    }
  }

  private static Group group(Handle handle, RestoreSql.Difference difference) {
    return new Group(
        handle.createQuery(difference.count).mapTo(long.class).one(),
        handle
            .createQuery(difference.latest)
            .bind("limit", Group.MAX_LISTED)
            .map(
                (row, context) ->
                    new Difference(
                        row.getString("id"),
                        Optional.ofNullable(row.getString("present")).map(ExperimentState::ofWord),
                        Optional.ofNullable(row.getString("backup")).map(ExperimentState::ofWord)))
            .list());
  }

  /** SQLite takes away the log of a file that is no database. */
  private boolean isReadable() {
    try {
      return Files.exists(ledger.file()) && Schema.CURRENT.isOwn(ledger);
    } catch (JdbiException | IOException e) {
      return false;
    }
  }

  /** The schema version of the present ledger; empty if there is none that can be read. */
  private Optional<Integer> attach(Handle handle) {
    if (!isReadable()) {
      return Optional.empty();
    }
    handle.execute(RestoreSql.ATTACH, ledger.file().toString());
    int version = handle.createQuery(RestoreSql.PRESENT_VERSION).mapTo(int.class).one();
    return version > 0 ? Optional.of(version) : Optional.empty();
  }

  /** Whether there is a ledger now, readable or not. */
  public boolean replaces() {
    return Files.exists(ledger.file());
  }

  /**
   * Puts the backup in the ledger's place. Ids that the ledger has used stay used, and what its
   * schedules have enqueued is not enqueued again, as far as the ledger can be read.
   *
   * @return the name that the ledger has from now on; empty if there was none
   * @throws LedgerException if that cannot be done; the ledger is as it was
   */
  public Optional<Path> putInPlace() {
    try {
      merge();
      giveToOwner();
      Database.force(copy.file());
      return ledger.replaceWith(copy.file());
    } catch (JdbiException | SQLException | IOException e) {
      throw refusal(SqliteFailure.kind(e, ledger.file()), backup, SqliteFailure.why(e, ledger), e);
    }
  }

  private void merge() throws SQLException {
    boolean readable = false;
    try (Handle handle = copy.connectReadWrite()) {
      Optional<Integer> version = attach(handle);
      if (version.isPresent()) {
        transact(handle, version.get());
        readable = true;
      }
    } catch (JdbiException | SQLException e) {
      if (SqliteFailure.kind(e, ledger.file()) != Kind.CORRUPT) {
        throw e;
      }
    }
    if (!readable) {
      try (Handle handle = copy.connectReadWrite()) {
        transact(handle, 0);
      }
    }
  }

  private static void transact(Handle handle, int presentVersion) throws SQLException {
    Database.execute(handle, "BEGIN IMMEDIATE");
    if (presentVersion >= WITH_USED_IDS) {
      Database.execute(handle, RestoreSql.KEEP_USED_IDS);
      Database.execute(handle, RestoreSql.ADD_USED_IDS);
      Database.execute(handle, RestoreSql.RAISE_SEQUENCE);
      Database.execute(handle, RestoreSql.KEEP_SCHEDULE_NUMBERS);
    }
    if (presentVersion >= WITH_COORDINATOR_STATE) {
      Database.execute(handle, RestoreSql.KEEP_COORDINATOR_STATE);
    }
    Database.execute(handle, RestoreSql.KEEP_ORIGINS);
    Database.execute(handle, RestoreSql.NEW_ID);
    Database.execute(handle, "COMMIT");
  }

  /** The owner of the folder, not who restores, uses the ledger. */
  private void giveToOwner() throws IOException {
    UserPrincipal owner = Files.getOwner(Database.folderOf(copy.file()));
    if (!Files.getOwner(copy.file()).equals(owner)) {
      Files.setOwner(copy.file(), owner);
    }
  }

  /** Removes the copy, if it was not put in place. */
  @Override
  public void close() {
    try {
      copy.delete();
    } catch (IOException e) {
      // The next restore replaces it.
    }
  }
}
