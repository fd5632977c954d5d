package io.coord.server.cli;

import io.coord.runner.ByteSize;
import io.coord.scheduler.executor.OutputRanges;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
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

  /** Output that was removed has left a hole of whole blocks, in which zeros are read. */
  private static final int BLOCK = 4096;

  /** Each takes a program to find; beyond that, a file of many holes is shown with its zeros. */
  private static final int MAX_HOLES = 100;

  private static final byte[] ZEROS = new byte[BLOCK];

  /** How far back the last lines are looked for: an experiment may write lines without an end. */
  private static final long MAX_BACKWARD_BYTES = 64L << 20;

  /** How often the connection to the caller is checked while there is no new output. */
  private static final int KEEP_ALIVE_SECONDS = 5;

  /** The output cannot be read; the message says why. */
  static final class UnreadableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnreadableException(String message, IOException cause) {
      super(message, cause);
    }
  }

  private final Path file;
  private final OutputRanges ranges;
  private final CommandOutput output;
  private final LongConsumer position;
  private int holes;

  /**
   * @param position is given the offset of what comes next, each time that output was written
   */
  LogTail(Path file, OutputRanges ranges, CommandOutput output, LongConsumer position) {
    this.file = file;
    this.ranges = ranges;
    this.output = output;
    this.position = position;
  }

  /**
   * Writes the last lines. Where the file was moved away and no other has its name yet, they come
   * from the moved one.
   *
   * @param lines how many; negative for all
   * @return the offset up to which the file was written
   * @throws UnreadableException if the file cannot be read
   */
  long last(long lines) {
    Path moved = file.resolveSibling(file.getFileName() + ".1");
    boolean there = exists(file);
    if (!there && !exists(moved)) {
      return 0;
    }
    Path path = there ? file : moved;
    try (RandomAccessFile in = open(path)) {
      long length = in.length();
      in.seek(lines < 0 ? 0 : startOfLast(in, length, lines));
      copy(in, Optional.of(path));
      return there ? in.getFilePointer() : 0;
    } catch (IOException e) {
      throw cannotRead(e);
    }
  }

  /**
   * Writes what is appended, until {@code done} says that the experiment has ended.
   *
   * @param from the offset to start at
   * @throws UnreadableException if the file cannot be read
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
      if (exists(file) && !Objects.equals(key, keyOf(file))) {
        // The writer of the old file may have added to it before it opened the new one.
        copyRest();
        boolean first = in == null;
        close();
        key = keyOf(file);
        in = open(file);
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
      // A file that was moved away has no known name; it is read with its zeros.
      copy(open, Optional.of(file).filter(path -> isOpen(path)));
      next = open.getFilePointer();
    }

    private boolean isOpen(Path path) {
      try {
        return Objects.equals(key, keyOf(path));
      } catch (IOException e) {
        return false;
      }
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
    return Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean exists(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Opens a file of output. Whoever owns the folder can put something else in its place: a pipe
   * would block, a device has no end, and a link leads elsewhere.
   */
  private static RandomAccessFile open(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("it is not a regular file");
    }
    return new RandomAccessFile(file.toFile(), "r");
  }

  /**
   * Writes what comes, up to the present end of the file: a program may write faster than the
   * caller reads. In place of a hole, writes how large it is.
   *
   * @param path of the file, if it is known
   */
  private void copy(RandomAccessFile in, Optional<Path> path) throws IOException {
    byte[] buffer = new byte[CHUNK];
    long at = in.getFilePointer();
    long end = in.length();
    long dataEnd = path.isPresent() ? at : Long.MAX_VALUE;
    while (at < end) {
      // Up to the end of a block, so that a hole begins and ends with a read.
      int read = in.read(buffer, 0, (int) Math.min(end - at, CHUNK - at % BLOCK));
      if (read < 0) {
        return;
      }
      int zeros = dataEnd >= at + read || holes >= MAX_HOLES ? read : zeroBlocks(buffer, read, at);
      if (zeros < read) {
        OutputRanges.Range data = dataFrom(path.orElseThrow(), at + zeros, end);
        dataEnd = data.end();
        holes++;
        long next = Math.min(data.begin(), end);
        if (next > at + zeros) {
          output.out(buffer, 0, zeros);
          output.error(
              "coord: %s of the output are missing here: removed at a limit of output, or never written"
                  .formatted(ByteSize.format(next - at - zeros)));
          at = next;
          in.seek(at);
          position.accept(at);
          continue;
        }
      }
      output.out(buffer, 0, read);
      at += read;
      position.accept(at);
    }
  }

  /**
   * Where the blocks of zeros begin with which what was read at an offset ends; its length if it
   * does not end so. A smaller hole was not made by the coordinator, and is shown as zeros.
   */
  private static int zeroBlocks(byte[] buffer, int read, long at) {
    if ((at + read) % BLOCK != 0) {
      return read;
    }
    int begin = read;
    while (begin >= BLOCK && Arrays.equals(buffer, begin - BLOCK, begin, ZEROS, 0, BLOCK)) {
      begin -= BLOCK;
    }
    return begin;
  }

  /** The next data, or the end of the file. */
  private OutputRanges.Range dataFrom(Path path, long offset, long length) {
    try {
      return ranges.next(path, offset).orElse(new OutputRanges.Range(length, length));
    } catch (IOException e) {
      // Zeros are written for what cannot be told apart.
      return new OutputRanges.Range(offset, Long.MAX_VALUE);
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
      if (in.read(buffer, 0, size) < size) {
        // The file was made shorter meanwhile.
        return begin;
      }
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

  private UnreadableException cannotRead(IOException e) {
    return new UnreadableException("cannot read '" + file + "': " + e.getMessage(), e);
  }
}
