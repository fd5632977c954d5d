package io.coord.persistence.sqlite;

import io.coord.persistence.CoolingStep;
import io.coord.persistence.DownsampledSlot;
import io.coord.persistence.Downsampling;
import io.coord.persistence.LedgerException;
import io.coord.persistence.LedgerException.Kind;
import io.coord.persistence.Measurement;
import io.coord.persistence.Measurements;
import io.coord.persistence.RunMeasures;
import io.coord.persistence.Tally;
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
import java.util.SortedSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * Measurements in one SQLite file in WAL mode, which is flushed to the disk now and then only: a
 * power cut loses the latest and damages nothing. With all the minutes it keeps, and one run, it is
 * a file of 3.3 MB.
 *
 * <p>One connection reads and writes, one call at a time, under a lock; what is not written yet has
 * a lock of its own that is held for moments. So {@link #add} waits for nobody, and writes only if
 * nobody else is at work.
 */
public final class SqliteMeasurements implements Measurements {

  /** Nobody but a curious {@code sqlite3} holds a lock, and the next try is soon. */
  private static final Duration BUSY_TIMEOUT = Duration.ofMillis(200);

  /** How many are added up by minute at once, so that pages are not rewritten for each. */
  private static final int FOLDED_TOGETHER = 60;

  /** How many runs are forgotten at once: some milliseconds of work. */
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
  public Optional<LedgerException> add(Measurement measurement, SortedSet<String> running) {
    if (closed) {
      return Optional.of(closed("add a measurement"));
    }
    boolean due =
        gathering(
            () -> {
              gathered.add(measurement, running);
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
  public List<CoolingStep> steps(int most) {
    if (most < 0) {
      throw new IllegalArgumentException("most is negative: " + most);
    }
    return read(
        "the steps of cooling",
        handle ->
            handle
                .createQuery(MeasurementSql.STEPS)
                .bind("most", most)
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
      writer.transact(handle -> MeasurementWrites.store(handle, now, FOLDED_TOGETHER));
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
  public List<DownsampledSlot> between(Instant from, Instant to, int most) {
    Downsampling thinning = new Downsampling(from, to, most);
    return read(
        "measurements",
        handle -> {
          handle
              .createQuery(MeasurementSql.MINUTES)
              .bind("from", thinning.fromMillis())
              .bind("to", thinning.toMillis())
              .map((row, context) -> new Minute(row.getLong("at"), MeasurementRows.tally(row)))
              .forEach(minute -> thinning.add(minute.at(), Duration.ofMinutes(1), minute.tally()));
          handle
              .createQuery(MeasurementSql.SECONDS)
              .map((row, context) -> MeasurementRows.measurement(row))
              .forEach(thinning::add);
          gathering(gathered::seconds).forEach(thinning::add);
          return thinning.parts();
        });
  }

  private record Minute(long millis, Tally tally) {
    Instant at() {
      return Instant.ofEpochMilli(millis);
    }
  }

  @Override
  public List<Measurement> latest(int most) {
    if (most < 0) {
      throw new IllegalArgumentException("most is negative: " + most);
    }
    return read(
        "measurements",
        handle -> {
          Deque<Measurement> latest = new ArrayDeque<>();
          handle
              .createQuery(MeasurementSql.LATEST)
              .bind("most", most)
              .map((row, context) -> MeasurementRows.measurement(row))
              .forEach(latest::addFirst);
          latest.addAll(gathering(gathered::seconds));
          List<Measurement> all = new ArrayList<>(latest);
          return List.copyOf(all.subList(Math.max(0, all.size() - most), all.size()));
        });
  }

  @Override
  public Optional<RunMeasures> ofRun(String invocation) {
    return read(
        "the measures of run '" + invocation + "'",
        handle -> {
          Optional<Tally> stored = MeasurementWrites.ofRun(handle, invocation);
          Optional<Tally> recent = gathering(() -> gathered.ofRun(invocation));
          return (stored.isPresent() && recent.isPresent()
                  ? Optional.of(stored.get().plus(recent.get()))
                  : stored.or(() -> recent))
              .map(tally -> RunMeasures.of(invocation, tally));
        });
  }

  @Override
  public int prune(Duration unmeasuredFor, int most) {
    if (unmeasuredFor.isNegative()) {
      throw new IllegalArgumentException("negative time: " + unmeasuredFor);
    }
    if (most < 0) {
      throw new IllegalArgumentException("most is negative: " + most);
    }
    flush();
    int deleted = 0;
    while (deleted < most) {
      int step = Math.min(PRUNE_STEP, most - deleted);
      int now = pruneStep(unmeasuredFor, step, deleted);
      deleted += now;
      if (now < step) {
        return deleted;
      }
    }
    return deleted;
  }

  private int pruneStep(Duration unmeasuredFor, int most, int before) {
    storing.lock();
    try {
      requireOpen("delete the measures of old runs");
      return writer.transact(
          handle ->
              handle
                  .createUpdate(MeasurementSql.DELETE_RUNS)
                  .bind("unmeasured_ms", unmeasuredFor.toMillis())
                  .bind("most", most)
                  .execute());
    } catch (JdbiException | SQLException e) {
      throw failed(SqliteFailure.forgetting(database, before, e));
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

  /** What is about to be told; leaves a mark first if it is damage. Call with the lock held. */
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
      // A failure has nobody left whom it concerns.
      write();
      closed = true;
      writer.close();
    } finally {
      storing.unlock();
    }
  }
}
