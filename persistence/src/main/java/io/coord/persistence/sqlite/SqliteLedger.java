package io.coord.persistence.sqlite;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.Run;
import io.coord.persistence.Schedule;
import io.coord.persistence.Storage;
import io.coord.persistence.Transition;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The ledger in one SQLite file in WAL mode; every commit is flushed to the disk.
 *
 * <p>One connection writes; {@link #commit} is meant for one thread, and a second thread would only
 * wait. Another connection, which cannot write, serves the reading methods to any thread, one call
 * at a time, and never waits for a commit. Once a full disk has space again, a lock is released or
 * a read-only file system is writable, the next commit succeeds. A lock of another process is
 * waited for in full once, and then only briefly until it is released. Times are kept to the
 * millisecond.
 */
public final class SqliteLedger implements Ledger {

  /** Long enough for a backup or somebody's {@code sqlite3}, short enough to report a hang. */
  private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);

  /** By the numbers that SQLite gives them. */
  private static final List<String> SYNCHRONOUS = List.of("off", "normal", "full", "extra");

  /** How many experiments are deleted at once: some milliseconds of work. */
  private static final int PRUNE_STEP = 50;

  private final Database database;

  /** Fair, so that a commit comes in between two steps of pruning. */
  private final ReentrantLock writing = new ReentrantLock(true);

  private final ReentrantLock backingUp = new ReentrantLock();
  private final ReentrantLock checking = new ReentrantLock();
  private final ReentrantLock reading = new ReentrantLock();
  private final Handle reader;
  private final Writer writer;
  private boolean closed;
  private volatile boolean closing;
  private volatile boolean checked;
  private volatile @Nullable String damage;

  /**
   * A ledger on connections that are open.
   *
   * @param writer closed with the ledger, like the reader
   */
  SqliteLedger(Database database, Writer writer, Handle reader) {
    this.database = database;
    this.writer = writer;
    this.reader = reader;
  }

  /**
   * The ledger in this file, created (mode 0600, in a folder of mode 0700) if there is none, and
   * migrated to this program's schema if it is older.
   *
   * <p>Looks at the head of the file, at the top of each table and index, and at all experiments
   * that have not ended; the time it takes does not grow with the history. {@link #check} reads the
   * rest. Only a file that was found damaged while it was in use is read completely, before this
   * returns.
   *
   * @throws LedgerException if the file is not a ledger, is damaged, has a newer schema or cannot
   *     be opened; it is left as it is
   */
  public static SqliteLedger open(Path file) {
    return LedgerOpening.open(file, BUSY_TIMEOUT, Schema.CURRENT);
  }

  /**
   * As {@link #open}, but a damaged file is renamed, together with the files that SQLite keeps
   * beside it, and replaced by a new ledger. No other file is replaced: not one that is locked, has
   * a newer schema, is something else or cannot be read or written.
   *
   * @throws LedgerException for all other reasons, or if the file cannot be renamed; it is left as
   *     it is
   */
  public static Opened<SqliteLedger> openOrReplace(Path file) {
    return LedgerOpening.openOrReplace(file, BUSY_TIMEOUT, Schema.CURRENT);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if a change contradicts what is stored: an experiment that is not
   *     known, a sequence that is already used, a run that starts twice, or one that ends without
   *     having started or for a second time; nothing was stored
   */
  @Override
  public void commit(List<Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    writing.lock();
    try {
      if (closed) {
        throw SqliteFailure.closed(database, "store " + SqliteFailure.words(changes));
      }
      writer.transact(
          handle -> {
            LedgerWrites writes = new LedgerWrites(handle);
            changes.forEach(change -> change.deliverTo(writes));
            return changes.size();
          });
    } catch (JdbiException | SQLException | IllegalArgumentException e) {
      if (SqliteFailure.isConstraint(e)) {
        throw new IllegalStateException("cannot store " + SqliteFailure.words(changes), e);
      }
      throw failedToWrite(SqliteFailure.storing(database, changes, e));
    } finally {
      writing.unlock();
    }
  }

  /** The connection that writes; call with the lock held. */
  Handle writer() {
    return writer.handle();
  }

  /** The connection that reads. */
  Handle reader() {
    return reader;
  }

  @Override
  public String id() {
    return read("its id", handle -> handle.createQuery(Sql.ID).mapTo(String.class).one());
  }

  @Override
  public void eachActive(Consumer<Experiment> reader) {
    read("the active experiments", handle -> LedgerReads.eachActive(handle, reader));
  }

  /** Finds damage in what {@link #eachActive} reads. */
  void readActive() {
    read("the active experiments", LedgerReads::readActive);
  }

  @Override
  public Optional<String> spec(String id) {
    return read("the spec of '" + id + "'", handle -> LedgerReads.spec(handle, id));
  }

  @Override
  public void eachSpecSize(ObjIntConsumer<String> reader) {
    read("the sizes of the specs", handle -> LedgerReads.eachSpecSize(handle, reader));
  }

  @Override
  public Optional<Experiment> find(String id) {
    return read("experiment '" + id + "'", handle -> LedgerReads.find(handle, id));
  }

  @Override
  public boolean wasUsed(String id) {
    return read("the use of id '" + id + "'", handle -> LedgerReads.isUsed(handle, id));
  }

  @Override
  public List<String> latestIds(int limit) {
    return read("the latest ids", handle -> LedgerReads.latestIds(handle, limit));
  }

  @Override
  public List<Experiment> ended(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    return read(
        "the ended experiments",
        handle ->
            handle
                .createQuery(Sql.ENDED)
                .bind("limit", limit)
                .map((row, context) -> Rows.experiment(row))
                .list());
  }

  @Override
  public List<Run> runs(String id) {
    return read("the runs of '" + id + "'", handle -> LedgerReads.runs(handle, id));
  }

  @Override
  public List<Transition> transitions(String id) {
    return read("the transitions of '" + id + "'", handle -> LedgerReads.transitions(handle, id));
  }

  @Override
  public List<Run> lastRuns(String id, int limit) {
    return read("the runs of '" + id + "'", handle -> LedgerReads.lastRuns(handle, id, limit));
  }

  @Override
  public List<Transition> lastTransitions(String id, int limit) {
    return read(
        "the transitions of '" + id + "'",
        handle -> LedgerReads.lastTransitions(handle, id, limit));
  }

  @Override
  public long lastSequence() {
    return read(
        "the last sequence",
        handle -> handle.createQuery(Sql.LAST_SEQUENCE).mapTo(long.class).one());
  }

  @Override
  public Optional<String> lastBoot() {
    return read(
        "the last boot", handle -> handle.createQuery(Sql.LAST_BOOT).mapTo(String.class).findOne());
  }

  @Override
  public Duration age() {
    return read(
        "the age",
        handle -> Duration.ofMillis(handle.createQuery(Sql.AGE).mapTo(long.class).one()));
  }

  @Override
  public CoordinatorState coordinatorState() {
    return read("the coordinator's state", LedgerReads::coordinatorState);
  }

  @Override
  public List<Schedule> schedules() {
    return read(
        "the schedules",
        handle -> handle.createQuery(Sql.SCHEDULES).map((row, c) -> Rows.schedule(row)).list());
  }

  @Override
  public List<BreakerState> breakers() {
    return read(
        "the breakers",
        handle -> handle.createQuery(Sql.BREAKERS).map((row, c) -> Rows.breaker(row)).list());
  }

  @Override
  public int prune(Duration endedFor, int limit, Set<String> excluded) {
    if (endedFor.isNegative()) {
      throw new IllegalArgumentException("negative time: " + endedFor);
    }
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    int deleted = 0;
    while (deleted < limit) {
      int step = Math.min(PRUNE_STEP, limit - deleted);
      int now = pruneStep(endedFor, step, excluded, deleted);
      deleted += now;
      if (now < step) {
        return deleted;
      }
    }
    return deleted;
  }

  private int pruneStep(Duration endedFor, int limit, Set<String> excluded, int before) {
    writing.lock();
    try {
      if (closed) {
        throw SqliteFailure.closed(database, "delete old experiments");
      }
      // Outside of a transaction: nothing but this method, which holds the lock, takes away one of
      // the ended that ended first.
      List<String> due = LedgerPruning.due(writer(), endedFor, limit, excluded);
      return due.isEmpty() ? 0 : writer.transact(handle -> LedgerPruning.delete(handle, due));
    } catch (JdbiException | SQLException e) {
      throw failedToWrite(SqliteFailure.pruning(database, before, e));
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void backup(Path file) {
    Path target = file.toAbsolutePath().normalize();
    backingUp.lock();
    try {
      if (closing) {
        throw SqliteFailure.closed(database, "copy the ledger to '" + target + "'");
      }
      Backup.write(database, target, () -> closing);
    } catch (JdbiException | SQLException | IOException e) {
      throw failed(SqliteFailure.backingUp(database, target, e));
    } finally {
      backingUp.unlock();
    }
  }

  @Override
  public Optional<String> check() {
    checking.lock();
    try {
      if (closing) {
        throw SqliteFailure.closed(database, "check the ledger");
      }
      // A connection of its own sees one moment, while others read and write.
      String result = Schema.check(database, () -> closing);
      if (!result.equals(Schema.WHOLE)) {
        recordDamage("the file is damaged: " + result);
      }
      checked = true;
      return damage();
    } catch (JdbiException | SQLException e) {
      LedgerException failure = failed(SqliteFailure.checking(database, e));
      if (failure.kind() == Kind.CORRUPT) {
        return damage();
      }
      throw failure;
    } finally {
      checking.unlock();
    }
  }

  @Override
  public Optional<String> damage() {
    return Optional.ofNullable(damage);
  }

  @Override
  public Storage storage() {
    writing.lock();
    try {
      if (closed) {
        throw SqliteFailure.closed(database, "read its settings");
      }
      Handle handle = writer.handle();
      return new Storage(
          handle.createQuery("PRAGMA journal_mode").mapTo(String.class).one(),
          SYNCHRONOUS.get(handle.createQuery("PRAGMA synchronous").mapTo(int.class).one()),
          Schema.version(handle),
          checked);
    } catch (JdbiException e) {
      throw failed(SqliteFailure.reading(database, "its settings", e));
    } finally {
      writing.unlock();
    }
  }

  private <T> T read(String what, Query<T> query) {
    reading.lock();
    try {
      if (closed) {
        throw SqliteFailure.closed(database, "read " + what);
      }
      return query.of(reader);
    } catch (JdbiException | SQLException | IllegalArgumentException e) {
      throw failed(SqliteFailure.reading(database, what, e));
    } finally {
      reading.unlock();
    }
  }

  private interface Query<T> {
    T of(Handle handle) throws SQLException;
  }

  /** The failure to throw; records it first if it is damage. */
  private LedgerException failed(LedgerException failure) {
    if (failure.kind() == Kind.CORRUPT) {
      recordDamage(String.valueOf(failure.getMessage()));
    }
    return failure;
  }

  private void recordDamage(String what) {
    database.mark();
    if (damage == null) {
      damage = what;
    }
  }

  /** As {@link #failed}, of the connection that writes; call with the lock held. */
  private LedgerException failedToWrite(LedgerException failure) {
    writer.giveUpAfter(failure);
    return failed(failure);
  }

  /**
   * Waits for the call in progress, then closes the file; a second call does nothing. Later calls
   * of other methods throw {@link LedgerException}, and so does a backup or a check in progress.
   */
  @Override
  public void close() {
    closing = true;
    checking.lock();
    backingUp.lock();
    writing.lock();
    reading.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      // The reader first: the last connection to close folds the WAL into the file, if it can
      // write.
      reader.close();
      writer.close();
    } finally {
      reading.unlock();
      writing.unlock();
      backingUp.unlock();
      checking.unlock();
    }
  }
}
