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

/** Reads the output of an experiment from its file. */
final class LogTail {
  private static final int CHUNK = 64 * 1024;

  /** How often the connection to the caller is checked while there is no new output. */
  private static final int KEEP_ALIVE_SECONDS = 5;

  private final Path file;
  private final CommandOutput output;

  LogTail(Path file, CommandOutput output) {
    this.file = file;
    this.output = output;
  }

  /**
   * Writes the last lines.
   *
   * @param lines how many; negative for all
   * @return the offset up to which the file was written
   */
  long last(long lines) {
    if (!Files.exists(file)) {
      return 0;
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long length = in.length();
      in.seek(lines < 0 ? 0 : startOfLast(in, length, lines));
      return copy(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read '" + file + "': " + e.getMessage(), e);
    }
  }

  /**
   * Writes what is appended, until {@code done} says that the experiment has ended.
   *
   * @param from the offset to start at
   */
  void follow(long from, BooleanSupplier done) {
    long at = from;
    try (WatchService watch = file.getFileSystem().newWatchService()) {
      Path folder = Objects.requireNonNull(file.getParent());
      Files.createDirectories(folder);
      folder.register(
          watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      while (true) {
        boolean last = done.getAsBoolean();
        at = writeFrom(at);
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
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read '" + file + "': " + e.getMessage(), e);
    }
  }

  private long writeFrom(long at) throws IOException {
    if (!Files.exists(file)) {
      return at;
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      if (in.length() < at) {
        output.error(
            "coord: '%s' was rotated; continuing with the new file".formatted(file.getFileName()));
        in.seek(0);
      } else {
        in.seek(at);
      }
      return copy(in);
    }
  }

  private long copy(RandomAccessFile in) throws IOException {
    byte[] buffer = new byte[CHUNK];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      output.out(buffer, 0, read);
    }
    return in.getFilePointer();
  }

  private static long startOfLast(RandomAccessFile in, long length, long lines) throws IOException {
    byte[] buffer = new byte[CHUNK];
    long end = length;
    long found = 0;
    while (end > 0) {
      long begin = Math.max(0, end - CHUNK);
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
    return 0;
  }
}
