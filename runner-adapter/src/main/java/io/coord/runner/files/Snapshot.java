package io.coord.runner.files;

import io.coord.runner.ByteSize;
import io.coord.runner.Deadline;
import io.coord.runner.UnreadableException;
import io.coord.runner.UserFileAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.Set;

/**
 * Copies a database and its write-ahead log while others may write them, without a lock.
 *
 * <p>What makes a copy whole, see SQLite's file format, sections 1.3 and 4:
 *
 * <ul>
 *   <li>With a log: its header has a salt that changes whenever the log restarts. With the same
 *       salt before and after, all that a checkpoint wrote into the database meanwhile is also in
 *       the log, which is copied last, and SQLite takes it from there. A frame that was being
 *       written fails its checksum.
 *   <li>Without: a transaction has a journal beside the database while it writes, and counts up a
 *       number in the database's header before it removes that.
 * </ul>
 *
 * <p>Not to be used in a process that has the same file open with SQLite: closing a file lets go of
 * all the locks that the process has on it, {@code fcntl(2)}.
 */
final class Snapshot {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int HEADER_BYTES = 100;
  private static final int LOG_HEADER_BYTES = 32;

  private Snapshot() {}

  /**
   * Makes a copy in which all is as it was at one moment.
   *
   * @param to a file in a folder that belongs to nobody else; has a log beside it afterwards
   */
  static void copy(Path database, Path to, Deadline deadline) throws UnreadableException {
    try {
      Optional<FileChannel> file = open(database);
      if (file.isEmpty()) {
        throw UnreadableException.missing("is missing");
      }
      try (FileChannel source = file.get()) {
        State before = State.of(database, source);
        if (source.size() == 0) {
          throw UnreadableException.lasting("is empty");
        }
        transfer(source, to, UserFileAccess.MAX_DATABASE_BYTES, deadline);
        Optional<FileChannel> log = open(beside(database, "-wal"));
        if (log.isPresent()) {
          try (FileChannel frames = log.get()) {
            transfer(
                frames,
                beside(to, "-wal"),
                UserFileAccess.MAX_DATABASE_BYTES - source.size(),
                deadline);
          }
        }
        if (!before.isStill(State.of(database, source))) {
          throw UnreadableException.passing("is being written without a pause");
        }
      }
    } catch (IOException e) {
      throw UnreadableException.later("cannot be copied: " + e);
    }
  }

  /** A file beside a database: its log or its journal. */
  static Path beside(Path database, String suffix) {
    return database.resolveSibling(database.getFileName() + suffix);
  }

  /** Opens a regular file, and nothing that lies in its place; empty if there is none. */
  private static Optional<FileChannel> open(Path file) throws IOException, UnreadableException {
    try {
      if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isRegularFile()) {
        throw UnreadableException.lasting(
            "cannot be read: '" + file.getFileName() + "' is not a regular file");
      }
      // Nothing is written, but a FIFO that is put here just now does not keep one waiting if it is
      // opened for both, fifo(7); it then refuses to be read at a position.
      return Optional.of(
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static void transfer(FileChannel from, Path to, long mostBytes, Deadline deadline)
      throws IOException, UnreadableException {
    long size = from.size();
    if (size > mostBytes) {
      throw UnreadableException.later(
          "is larger than " + ByteSize.format(UserFileAccess.MAX_DATABASE_BYTES));
    }
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, Math.max(1, size)));
    try (FileChannel copy =
        FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      // Up to what it was long at first: it may grow while it is read.
      for (long at = 0; at < size; ) {
        if (deadline.hasPassed()) {
          throw UnreadableException.later("cannot be copied in time");
        }
        chunk.clear().limit((int) Math.min(chunk.capacity(), size - at));
        int read = from.read(chunk, at);
        if (read < 0) {
          return;
        }
        at += read;
        chunk.flip();
        while (chunk.hasRemaining()) {
          copy.write(chunk);
        }
      }
    }
  }

  private static ByteBuffer beginning(FileChannel file, int bytes) throws IOException {
    ByteBuffer beginning = ByteBuffer.allocate(bytes);
    while (beginning.hasRemaining() && file.read(beginning, beginning.position()) >= 0) {
      // On with the rest.
    }
    return beginning.flip();
  }

  /**
   * State that differs whenever the database was written.
   *
   * @param log the log's header; without bytes if there is no log, or none has begun
   */
  private record State(
      Optional<Object> file, ByteBuffer header, long sizeBytes, FileTime modified, ByteBuffer log) {

    static State of(Path database, FileChannel open) throws IOException, UnreadableException {
      refuseJournal(beside(database, "-journal"));
      BasicFileAttributes attributes =
          Files.readAttributes(database, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return new State(
          Optional.ofNullable(attributes.fileKey()),
          beginning(open, HEADER_BYTES),
          attributes.size(),
          attributes.lastModifiedTime(),
          beginningOf(beside(database, "-wal"), LOG_HEADER_BYTES));
    }

    /** A journal that is kept for the next transaction begins with zeros. */
    private static void refuseJournal(Path journal) throws IOException, UnreadableException {
      ByteBuffer first = beginningOf(journal, 1);
      if (first.hasRemaining() && first.get() != 0) {
        throw UnreadableException.passing("has an unfinished transaction");
      }
    }

    private static ByteBuffer beginningOf(Path path, int bytes)
        throws IOException, UnreadableException {
      Optional<FileChannel> file = open(path);
      if (file.isEmpty()) {
        return ByteBuffer.allocate(0);
      }
      try (FileChannel channel = file.get()) {
        return beginning(channel, bytes);
      }
    }

    boolean isStill(State later) {
      boolean hasLog = log.remaining() == LOG_HEADER_BYTES;
      return file.equals(later.file)
          && log.equals(later.log)
          && (hasLog
              || (header.equals(later.header)
                  && sizeBytes == later.sizeBytes
                  && modified.equals(later.modified)));
    }
  }
}
