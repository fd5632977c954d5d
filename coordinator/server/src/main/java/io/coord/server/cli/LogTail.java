package io.coord.server.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the output of an experiment from its file; for one thread. A file that was moved away, as
 * logrotate does, is read to its end; then the new one is.
 */
final class LogTail {
  private static final int CHUNK = 64 * 1024;

  /** How far back the last lines are looked for: an experiment may write lines without an end. */
  private static final long MAX_BACKWARD_BYTES = 64L << 20;

  /** How often the connection to the caller is checked while there is no new output. */
  private static final int KEEP_ALIVE_SECONDS = 5;

  private final Path file;
  private final CommandOutput output;
  private final LongConsumer position;

  /**
   * @param position is given the offset of what comes next, each time that output was written
   */
  LogTail(Path file, CommandOutput output, LongConsumer position) {
    this.file = file;
    this.output = output;
    this.position = position;
  }

  /**
   * Writes the last lines. Where the file was moved away and no other has its name yet, they come
   * from the moved one.
   *
   * @param lines how many; negative for all
   * @return the offset up to which the file was written
   */
  long last(long lines) {
    Path moved = file.resolveSibling(file.getFileName() + ".1");
    boolean there = Files.exists(file);
    if (!there && !Files.exists(moved)) {
      return 0;
    }
    try (RandomAccessFile in = new RandomAccessFile((there ? file : moved).toFile(), "r")) {
      long length = in.length();
      in.seek(lines < 0 ? 0 : startOfLast(in, length, lines));
      copy(in);
      return there ? in.getFilePointer() : 0;
    } catch (IOException e) {
      throw cannotRead(e);
    }
  }

  /**
   * Writes what is appended, until {@code done} says that the experiment has ended.
   *
   * @param from the offset to start at
   */
  void follow(long from, BooleanSupplier done) {
    try (Followed in = new Followed(from);
        WatchService watch = file.getFileSystem().newWatchService()) {
      Path folder = Objects.requireNonNull(file.getParent());
      Files.createDirectories(folder);
      folder.register(
          watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      in.copyNew();
      while (true) {
        boolean last = done.getAsBoolean();
        in.copyNew();
        if (last) {
          return;
        }
        WatchKey key = watch.poll(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        if (key == null) {
          output.keepAlive();
        } else {
          key.pollEvents();
          key.reset();
        }
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      throw Session.stopping();
    } catch (IOException e) {
      throw cannotRead(e);
    }
  }

  /** The file as it is followed, which keeps it open when it is moved away. */
  private final class Followed implements AutoCloseable {
    private @Nullable RandomAccessFile in;
    private @Nullable Object key;
    private long next;

    Followed(long from) {
      next = from;
    }

    void copyNew() throws IOException {
      copyRest();
      if (Files.exists(file) && !Objects.equals(key, keyOf(file))) {
        // The writer of the old file may have added to it before it opened the new one.
        copyRest();
        boolean first = in == null;
        close();
        key = keyOf(file);
        RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r");
        in = opened;
        if (!first) {
          reportRotation();
          next = 0;
        }
        copyRest();
      }
    }

    private void copyRest() throws IOException {
      RandomAccessFile open = in;
      if (open == null) {
        return;
      }
      if (open.length() < next) {
        reportRotation();
        next = 0;
      }
      open.seek(next);
      copy(open);
      next = open.getFilePointer();
    }

    private void reportRotation() {
      output.error(
          "coord: '%s' was rotated; continuing with the new file".formatted(file.getFileName()));
    }

    @Override
    public void close() throws IOException {
      RandomAccessFile open = in;
      in = null;
      if (open != null) {
        open.close();
      }
    }
  }

  private static @Nullable Object keyOf(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino");
  }

  private void copy(RandomAccessFile in) throws IOException {
    byte[] buffer = new byte[CHUNK];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      output.out(buffer, 0, read);
      position.accept(in.getFilePointer());
    }
  }

  private long startOfLast(RandomAccessFile in, long length, long lines) throws IOException {
    byte[] buffer = new byte[CHUNK];
    long end = length;
    long found = 0;
    long first = Math.max(0, length - MAX_BACKWARD_BYTES);
    while (end > first) {
      long begin = Math.max(first, end - CHUNK);
      int size = (int) (end - begin);
      in.seek(begin);
      in.readFully(buffer, 0, size);
      for (int i = size - 1; i >= 0; i--) {
        boolean endOfFile = begin + i == length - 1;
        if (buffer[i] == '\n' && !endOfFile) {
          found++;
          if (found == lines) {
            return begin + i + 1;
          }
        }
      }
      end = begin;
    }
    if (first > 0) {
      output.error(
          "coord: the last %d MiB of the output have fewer than %d lines; earlier output is not shown, '-n all' shows it"
              .formatted(MAX_BACKWARD_BYTES >> 20, lines));
    }
    return first;
  }

  private UncheckedIOException cannotRead(IOException e) {
    return new UncheckedIOException("cannot read '" + file + "': " + e.getMessage(), e);
  }
}
