package io.coord.thermal.sysfs;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads with a deadline: a sensor on a bus that hangs blocks its reader in the kernel, where
 * nothing can interrupt it. Threads may share it.
 *
 * <p>Each read is made by a daemon thread, which a blocked read keeps. Its file is not asked again
 * until that read has returned, and what it returns then is dropped as too old. So each file holds
 * at most one thread, and all together hold at most {@link #MAX_BLOCKED}; beyond that every read is
 * refused. The threads do not keep the process from ending.
 */
final class DeadlineReader implements FileReader {

  /** A read takes 0.07 ms; this is for a machine whose memory is exhausted. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** While a read is blocked, its neighbours on the same bus cost little time. */
  private static final Duration PATIENCE_WHILE_BLOCKED = Duration.ofMillis(200);

  /** More than any board has zones, or chips with power rails. */
  static final int MAX_BLOCKED = 24;

  private static final Duration IDLE_THREAD = Duration.ofMinutes(1);

  private final FileReader reader;
  private final Duration patience;
  private final Duration patienceWhileBlocked;
  private final ThreadPoolExecutor threads;
  private final Map<Path, Blocked> blocked = new HashMap<>();

  /**
   * A read that did not return in time.
   *
   * @param identity which file it was; null if unknown. A driver that was loaded again has another
   */
  private record Blocked(Future<?> read, @Nullable Object identity) {}

  /** Reads the real files. */
  DeadlineReader() {
    this(FileReader::readFile, PATIENCE, PATIENCE_WHILE_BLOCKED);
  }

  DeadlineReader(FileReader reader, Duration patience, Duration patienceWhileBlocked) {
    this.reader = reader;
    this.patience = patience;
    this.patienceWhileBlocked = patienceWhileBlocked;
    this.threads =
        new ThreadPoolExecutor(
            0,
            MAX_BLOCKED + 1,
            IDLE_THREAD.toSeconds(),
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            work -> {
              Thread thread = new Thread(work, "sysfs-reader");
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public String read(Path file) throws IOException {
    return within(file, () -> reader.read(file));
  }

  @Override
  public <T> T within(Path file, Callable<T> work) throws IOException {
    Duration deadline = begin(file);
    Future<T> read = submit(work);
    try {
      return read.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      end(file, read);
      throw new IOException("no answer within " + deadline.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(String.valueOf(e.getCause()), e.getCause());
    } catch (InterruptedException e) {
      end(file, read);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private <T> Future<T> submit(Callable<T> work) throws IOException {
    try {
      return threads.submit(work);
    } catch (RejectedExecutionException e) {
      throw new IOException("not asked: " + MAX_BLOCKED + " other reads do not return", e);
    }
  }

  /**
   * How long to wait for a file.
   *
   * @throws IOException if an earlier read of it has not returned
   */
  private synchronized Duration begin(Path file) throws IOException {
    Blocked before = blocked.get(file);
    if (before != null && !before.read().isDone()) {
      if (Objects.equals(identity(file), before.identity())) {
        throw new IOException("still no answer");
      }
    }
    blocked.values().removeIf(each -> each.read().isDone());
    blocked.remove(file);
    return blocked.isEmpty() ? patience : patienceWhileBlocked;
  }

  private synchronized void end(Path file, Future<?> read) {
    if (!read.isDone()) {
      blocked.put(file, new Blocked(read, identity(file)));
    }
  }

  /** Asks the file system, not the driver. */
  private static @Nullable Object identity(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }
}
