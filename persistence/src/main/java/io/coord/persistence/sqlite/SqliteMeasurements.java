package io.coord.persistence.sqlite;

import io.coord.persistence.CoolingStep;
import io.coord.persistence.DownsampledInterval;
import io.coord.persistence.Downsampling;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.Measurement;
import io.coord.persistence.MeasurementTotals;
import io.coord.persistence.Measurements;
import io.coord.persistence.RunMeasurements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * Measurements in one SQLite file in WAL mode, which is flushed to the disk at checkpoints only: a
 * power cut loses the latest measurements and damages nothing. With all minutes and one run the
 * file has 3.3 MB.
 *
 * <p>One connection reads and writes, one call at a time, under a lock. Measurements that are not
 * written yet have a lock of their own that is never held during input or output. {@link #add}
 * waits for no other thread, and writes only if the connection is free.
 */
public final class SqliteMeasurements implements Measurements {

  /** Only somebody's {@code sqlite3} can hold a lock, and the next attempt is soon. */
  private static final Duration BUSY_TIMEOUT = Duration.ofMillis(200);

  /** How many seconds are added up by minute in one step, to rewrite fewer pages. */
  private static final int FOLD_BATCH = 60;

  /** How many runs are deleted in one step: some milliseconds of work. */
  private static final int PRUNE_STEP = 50;

  private final Database database;
  private final Writer writer;

  /** Held while the connection is used. INVARIANT: taken before {@link #gathering}, never after. */
  private final ReentrantLock storing = new ReentrantLock();

  /** Held while {@link #gathered} is used, never during input or output. */
  private final ReentrantLock gathering = new ReentrantLock();

  private PendingMeasurements gathered = new PendingMeasurements();
  private Duration sinceTried = Duration.ZERO;
  private volatile boolean closed;

  private SqliteMeasurements(Database database, Handle writer) {
    this.database = database;
    this.writer = new Writer(database, writer);
  }

  /**
   * The measurements in this file, created (mode 0600, in a folder of mode 0700) if there is none.
   * A file that is damaged, or that a newer program has written, is renamed and replaced by a new
   * one, as nothing depends on it. Reads the whole file once.
   *
   * @throws LedgerException if the file holds something else or cannot be opened; it is left as it
   *     is
   */
  public static Opened<SqliteMeasurements> open(Path file) {
    return open(file, BUSY_TIMEOUT);
  }

  static Opened<SqliteMeasurements> open(Path file, Duration busyTimeout) {
    Database database = database(file, busyTimeout);
    try {
      return new Opened<>(connect(database), Optional.empty());
    } catch (OpeningException e) {
      ReplacedFile replaced = new ReplacedFile(rename(database, e), e.why());
      return new Opened<>(connect(database), Optional.of(replaced));
    }
  }

  private static Database database(Path file, Duration busyTimeout) {
    try {
      return Database.of(file, busyTimeout).forMeasurements();
    } catch (IOException e) {
      Path absolute = file.toAbsolutePath().normalize();
      throw SqliteFailure.opening(new Database(absolute, busyTimeout).forMeasurements(), e);
    }
  }

  private static Path rename(Database database, OpeningException refusal) {
    try {
      boolean unusable =
          refusal.kind() == Kind.CORRUPT
              ? Schema.OF_MEASUREMENTS.isDamaged(database)
              : Files.isRegularFile(database.file()) && Schema.OF_MEASUREMENTS.isNewer(database);
      if (!unusable) {
        throw refusal;
      }
      return database.rename();
    } catch (JdbiException e) {
      throw refusal;
    } catch (IOException e) {
      throw SqliteFailure.renaming(database, refusal.why(), e);
    }
  }

  private static SqliteMeasurements connect(Database database) {
    try {
      return new SqliteMeasurements(database, Schema.OF_MEASUREMENTS.connect(database));
    } catch (JdbiException | SQLException | IOException e) {
      throw SqliteFailure.opening(database, e);
    }
  }

  @Override
  public Optional<LedgerException> add(Measurement measurement, SortedMap<String, Double> parts) {
    if (closed) {
      return Optional.of(closed("add a measurement"));
    }
    boolean due =
        gathering(
            () -> {
              gathered.add(measurement, parts);
              sinceTried = sinceTried.plus(measurement.lasted());
              return sinceTried.compareTo(WRITTEN_AFTER) >= 0;
            });
    if (!due || !storing.tryLock()) {
      return Optional.empty();
    }
    try {
      return closed ? Optional.of(closed("add a measurement")) : write();
    } finally {
      storing.unlock();
    }
  }

  @Override
  public Optional<LedgerException> add(CoolingStep step) {
    storing.lock();
    try {
      if (closed) {
        return Optional.of(closed("keep a step of cooling"));
      }
      writer.transact(
          handle -> {
            handle
                .createUpdate(MeasurementSql.INSERT_STEP)
                .bind("at", step.at().toEpochMilli())
                .bind("what", step.what())
                .bind("why", step.why())
                .execute();
            return handle
                .createUpdate(MeasurementSql.DELETE_STEPS)
                .bind("keep", STEPS_KEPT)
                .execute();
          });
      return Optional.empty();
    } catch (JdbiException | SQLException e) {
      return Optional.of(failed(SqliteFailure.measuring(database, e)));
    } catch (LedgerException e) {
      return Optional.of(failed(e));
    } finally {
      storing.unlock();
    }
  }

  @Override
  public List<CoolingStep> steps(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    return read(
        "the steps of cooling",
        handle ->
            handle
                .createQuery(MeasurementSql.STEPS)
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new CoolingStep(
                            Instant.ofEpochMilli(row.getLong("at")),
                            row.getString("what"),
                            row.getString("why")))
                .list());
  }

  @Override
  public void flush() {
    storing.lock();
    try {
      requireOpen("store measurements");
      Optional<LedgerException> failure = write();
      if (failure.isPresent()) {
        throw failure.get();
      }
    } finally {
      storing.unlock();
    }
  }

  /** Writes out what was gathered, or keeps it; call with the lock held. */
  private Optional<LedgerException> write() {
    PendingMeasurements now =
        gathering(
            () -> {
              PendingMeasurements all = gathered;
              gathered = new PendingMeasurements();
              sinceTried = Duration.ZERO;
              return all;
            });
    if (now.isEmpty()) {
      return Optional.empty();
    }
    boolean written = false;
    try {
      writer.transact(handle -> MeasurementWrites.store(handle, now, FOLD_BATCH));
      written = true;
      return Optional.empty();
    } catch (JdbiException | SQLException | IllegalArgumentException e) {
      return Optional.of(failed(SqliteFailure.measuring(database, e)));
    } catch (LedgerException e) {
      // Of a connection that could not be opened again.
      return Optional.of(failed(e));
    } finally {
      if (!written) {
        keep(now);
      }
    }
  }

  private void keep(PendingMeasurements earlier) {
    gathering(
        () -> {
          earlier.addAll(gathered);
          gathered = earlier;
          return earlier;
        });
  }

  @Override
  public List<DownsampledInterval> between(Instant from, Instant to, int maxIntervals) {
    Downsampling downsampling = new Downsampling(from, to, maxIntervals);
    return read(
        "measurements",
        handle -> {
          handle
              .createQuery(MeasurementSql.MINUTES)
              .bind("from", downsampling.fromMillis())
              .bind("to", downsampling.toMillis())
              .map((row, context) -> new Minute(row.getLong("at"), MeasurementRows.totals(row)))
              .forEach(
                  minute -> downsampling.add(minute.at(), Duration.ofMinutes(1), minute.totals()));
          handle
              .createQuery(MeasurementSql.SECONDS)
              .map((row, context) -> MeasurementRows.measurement(row))
              .forEach(downsampling::add);
          gathering(gathered::seconds).forEach(downsampling::add);
          return downsampling.intervals();
        });
  }

  private record Minute(long millis, MeasurementTotals totals) {
    Instant at() {
      return Instant.ofEpochMilli(millis);
    }
  }

  @Override
  public List<Measurement> latest(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    return read(
        "measurements",
        handle -> {
          Deque<Measurement> latest = new ArrayDeque<>();
          handle
              .createQuery(MeasurementSql.LATEST)
              .bind("limit", limit)
              .map((row, context) -> MeasurementRows.measurement(row))
              .forEach(latest::addFirst);
          latest.addAll(gathering(gathered::seconds));
          List<Measurement> all = new ArrayList<>(latest);
          return List.copyOf(all.subList(Math.max(0, all.size() - limit), all.size()));
        });
  }

  @Override
  public Optional<RunMeasurements> ofRun(String invocation) {
    return read(
        "the measures of run '" + invocation + "'",
        handle -> {
          Optional<MeasurementTotals> stored = MeasurementWrites.ofRun(handle, invocation);
          Optional<MeasurementTotals> recent = gathering(() -> gathered.ofRun(invocation));
          return (stored.isPresent() && recent.isPresent()
                  ? Optional.of(stored.get().plus(recent.get()))
                  : stored.or(() -> recent))
              .map(totals -> RunMeasurements.of(invocation, totals));
        });
  }

  @Override
  public int prune(Duration unmeasuredFor, int limit) {
    if (unmeasuredFor.isNegative()) {
      throw new IllegalArgumentException("negative time: " + unmeasuredFor);
    }
    if (limit < 0) {
      throw new IllegalArgumentException("limit is negative: " + limit);
    }
    flush();
    int deleted = 0;
    while (deleted < limit) {
      int step = Math.min(PRUNE_STEP, limit - deleted);
      int now = pruneStep(unmeasuredFor, step, deleted);
      deleted += now;
      if (now < step) {
        return deleted;
      }
    }
    return deleted;
  }

  private int pruneStep(Duration unmeasuredFor, int limit, int before) {
    storing.lock();
    try {
      requireOpen("delete the measures of old runs");
      return writer.transact(
          handle ->
              handle
                  .createUpdate(MeasurementSql.DELETE_RUNS)
                  .bind("unmeasured_ms", unmeasuredFor.toMillis())
                  .bind("limit", limit)
                  .execute());
    } catch (JdbiException | SQLException e) {
      throw failed(SqliteFailure.pruningRuns(database, before, e));
    } finally {
      storing.unlock();
    }
  }

  private <T> T read(String what, Query<T> query) {
    storing.lock();
    try {
      requireOpen("read " + what);
      return query.of(writer.handle());
    } catch (JdbiException | IllegalArgumentException e) {
      throw failed(SqliteFailure.reading(database, what, e));
    } finally {
      storing.unlock();
    }
  }

  private interface Query<T> {
    T of(Handle handle);
  }

  private <T> T gathering(Supplier<T> work) {
    gathering.lock();
    try {
      return work.get();
    } finally {
      gathering.unlock();
    }
  }

  /** The connection; for tests. */
  Handle handle() {
    return writer.handle();
  }

  /** The failure to report; leaves a mark first if it is damage. Call with the lock held. */
  private LedgerException failed(LedgerException failure) {
    writer.giveUpAfter(failure);
    if (failure.kind() == Kind.CORRUPT) {
      database.mark();
    }
    return failure;
  }

  private void requireOpen(String what) {
    if (closed) {
      throw closed(what);
    }
  }

  private LedgerException closed(String what) {
    return SqliteFailure.closed(database, what);
  }

  @Override
  public void close() {
    storing.lock();
    try {
      if (closed) {
        return;
      }
      // There is nobody left to report a failure to.
      write();
      closed = true;
      writer.close();
    } finally {
      storing.unlock();
    }
  }
}
