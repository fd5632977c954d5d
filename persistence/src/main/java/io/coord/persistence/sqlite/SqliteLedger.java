package io.coord.persistence.sqlite;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.IdTakenException;
import io.coord.persistence.Ledger;
import io.coord.persistence.LedgerException;
import io.coord.persistence.Run;
import io.coord.persistence.Transition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The ledger in one SQLite file in WAL mode, every commit flushed to the disk.
 *
 * <p>One connection writes; {@link #commit} is meant for one thread, and a second one would only
 * wait. Another connection, which cannot write, serves the reading methods to any thread, one call
 * at a time, and never waits for a commit. Times are kept to the millisecond.
 */
public final class SqliteLedger implements Ledger {

  /** Long enough for a backup or a curious {@code sqlite3}, short enough to be told of a hang. */
  private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);

  private final Database database;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock reading = new ReentrantLock();
  private final Handle reader;
  private @Nullable Handle writer;
  private volatile boolean closed;

  private SqliteLedger(Database database, Handle writer, Handle reader) {
    this.database = database;
    this.writer = writer;
    this.reader = reader;
  }

  /**
   * The ledger in this file, made (mode 0600, in a folder of mode 0700) if there is none, and
   * brought to this program's schema if it is older.
   *
   * <p>Reads the whole file once, to find damage before it spreads.
   *
   * @throws LedgerException if the file is not a ledger, is damaged, has a newer schema or cannot
   *     be opened; it is left as it is
   */
  public static SqliteLedger open(Path file) {
    return open(file, BUSY_TIMEOUT, Schema.CURRENT);
  }

  static SqliteLedger open(Path file, Duration busyTimeout, Schema schema) {
    Database database = new Database(file.toAbsolutePath().normalize(), busyTimeout);
    @Nullable Handle writer = null;
    try {
      database.createIfMissing();
      if (Files.size(database.file()) > 0) {
        schema.check(database);
      }
      database.requireWritable();
      database.makePrivate();
      writer = database.connectWriter();
      schema.migrate(database, writer);
      SqliteLedger ledger = new SqliteLedger(database, writer, database.connectReader());
      writer = null;
      return ledger;
    } catch (JdbiException | SQLException | IOException e) {
      throw Failure.opening(database, e);
    } finally {
      if (writer != null) {
        writer.close();
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if a change contradicts what is stored: an experiment that is not
   *     known, a sequence given out before, a run that began twice, or one that ends without having
   *     begun or for a second time; nothing was stored
   */
  @Override
  public void commit(List<Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    writing.lock();
    try {
      if (closed) {
        throw Failure.closed(database, "store " + Failure.words(changes));
      }
      Handle handle = writer();
      boolean committed = false;
      try {
        Database.execute(handle, "BEGIN IMMEDIATE");
        for (Change change : changes) {
          apply(handle, change);
        }
        Database.execute(handle, "COMMIT");
        committed = true;
      } finally {
        if (!committed) {
          rollBack(handle);
        }
      }
    } catch (JdbiException | SQLException | IllegalArgumentException e) {
      if (Failure.isConstraint(e)) {
        throw new IllegalStateException("cannot store " + Failure.words(changes), e);
      }
      throw Failure.storing(database, changes, e);
    } finally {
      writing.unlock();
    }
  }

  /** The connection that writes, opened again if it was given up; call with the lock held. */
  Handle writer() {
    if (writer == null) {
      writer = database.connectWriter();
    }
    return writer;
  }

  /** The connection that reads. */
  Handle reader() {
    return reader;
  }

  private void rollBack(Handle handle) {
    try {
      Database.execute(handle, "ROLLBACK");
    } catch (SQLException e) {
      // There was none, SQLite has rolled back by itself, or it cannot: closing is good for all.
      writer = null;
      handle.close();
    }
  }

  private static void apply(Handle handle, Change change) {
    if (change instanceof Change.Enqueued enqueued) {
      enqueue(handle, enqueued.experiment());
    } else if (change instanceof Change.OfExperiment of) {
      Experiment before =
          find(handle, of.id())
              .orElseThrow(() -> new IllegalStateException("no experiment '" + of.id() + "'"));
      Experiment after = before.after(of);
      if (change instanceof Change.Moved moved) {
        if (moved.from().state() != moved.to().state()) {
          insertTransition(
              handle,
              moved.id(),
              moved.from().state(),
              moved.to().state(),
              moved.at(),
              moved.reason());
        }
      } else if (change instanceof Change.RunStarted started) {
        startRun(handle, started);
      } else if (change instanceof Change.RunEnded ended) {
        endRun(handle, ended, after);
      }
      Rows.bind(handle.createUpdate(Sql.UPDATE_EXPERIMENT), after).execute();
    } else if (change instanceof Change.BootSeen boot) {
      handle
          .createUpdate(Sql.SET_BOOT)
          .bind("boot", boot.bootId())
          .bind("at", boot.at().toEpochMilli())
          .execute();
    } else {
      throw new IllegalStateException("no way to store " + change);
    }
  }

  private static void enqueue(Handle handle, Experiment experiment) {
    if (find(handle, experiment.id()).isPresent()) {
      throw new IdTakenException(experiment.id());
    }
    boolean sequenceIsTaken =
        handle
            .createQuery(Sql.SEQUENCE_IS_TAKEN)
            .bind("sequence", experiment.sequence())
            .mapTo(boolean.class)
            .one();
    if (sequenceIsTaken) {
      throw new IllegalStateException(
          "sequence %d of '%s' was given out before"
              .formatted(experiment.sequence(), experiment.id()));
    }
    Rows.bind(handle.createUpdate(Sql.INSERT_EXPERIMENT), experiment).execute();
    handle.createUpdate(Sql.RAISE_SEQUENCE).bind("sequence", experiment.sequence()).execute();
    insertTransition(
        handle,
        experiment.id(),
        experiment.state(),
        experiment.state(),
        experiment.since(),
        experiment.reason());
  }

  private static void insertTransition(
      Handle handle,
      String id,
      ExperimentState from,
      ExperimentState to,
      Instant at,
      String reason) {
    handle
        .createUpdate(Sql.INSERT_TRANSITION)
        .bind("id", id)
        .bind("from", from.word())
        .bind("to", to.word())
        .bind("at", at.toEpochMilli())
        .bind("reason", reason)
        .execute();
  }

  private static void startRun(Handle handle, Change.RunStarted started) {
    boolean known =
        handle
            .createQuery(Sql.RUN_IS_KNOWN)
            .bind("id", started.id())
            .bind("number", started.number())
            .bind("invocation", started.invocation())
            .mapTo(boolean.class)
            .one();
    if (known) {
      throw new IllegalStateException(
          "run %d ('%s') of '%s' has begun before"
              .formatted(started.number(), started.invocation(), started.id()));
    }
    handle
        .createUpdate(Sql.INSERT_RUN)
        .bind("id", started.id())
        .bind("number", started.number())
        .bind("invocation", started.invocation())
        .bind("at", started.at().toEpochMilli())
        .execute();
  }

  private static void endRun(Handle handle, Change.RunEnded ended, Experiment after) {
    int rows =
        Rows.bind(Rows.bind(handle.createUpdate(Sql.END_RUN), ended.end()), after.progress())
            .bind("id", ended.id())
            .bind("invocation", ended.invocation())
            .bind("at", ended.at().toEpochMilli())
            .execute();
    if (rows == 0) {
      throw new IllegalStateException(
          "run '%s' of '%s' has not begun, or has ended before"
              .formatted(ended.invocation(), ended.id()));
    }
  }

  @Override
  public List<Experiment> active() {
    return read(
        "the active experiments",
        handle -> handle.createQuery(Sql.ACTIVE).map((row, c) -> Rows.experiment(row)).list());
  }

  @Override
  public Optional<Experiment> find(String id) {
    return read("experiment '" + id + "'", handle -> find(handle, id));
  }

  private static Optional<Experiment> find(Handle handle, String id) {
    return handle
        .createQuery(Sql.FIND)
        .bind("id", id)
        .map((row, context) -> Rows.experiment(row))
        .findOne();
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
    return read(
        "the runs of '" + id + "'",
        handle ->
            handle.createQuery(Sql.RUNS).bind("id", id).map((row, c) -> Rows.run(row)).list());
  }

  @Override
  public List<Transition> transitions(String id) {
    return read(
        "the transitions of '" + id + "'",
        handle ->
            handle
                .createQuery(Sql.TRANSITIONS)
                .bind("id", id)
                .map((row, context) -> Rows.transition(row))
                .list());
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

  private <T> T read(String what, Function<Handle, T> query) {
    reading.lock();
    try {
      if (closed) {
        throw Failure.closed(database, "read " + what);
      }
      return query.apply(reader);
    } catch (JdbiException | IllegalArgumentException e) {
      throw Failure.reading(database, what, e);
    } finally {
      reading.unlock();
    }
  }

  /**
   * Waits for the call in progress, then closes the file; a second call does nothing. Later calls
   * of other methods throw {@link LedgerException}.
   */
  @Override
  public void close() {
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
      if (writer != null) {
        writer.close();
      }
    } finally {
      reading.unlock();
      writing.unlock();
    }
  }
}
