package io.coord.runner;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * File access on behalf of the owner of an experiment: nothing is disclosed that this account could
 * not read itself. Threads may share it.
 */
public interface UserFileAccess {
  /** The most bytes of a database with its log: a quarter of a million messages. */
  long MAX_DATABASE_BYTES = 256L << 20;

  /** What an account finds at a path; links are followed. */
  enum PathKind {
    /** A folder that it may enter. */
    FOLDER,
    /** A folder that it may not enter. */
    LOCKED_FOLDER,
    /** A regular file that it may execute. */
    PROGRAM,
    /** Anything else that is there. */
    FILE,
    /** Nothing is there. */
    NOTHING,
    /** There may be something, but it may not look. */
    HIDDEN
  }

  /**
   * The kind of each path, in their order; blocks for a few seconds at most.
   *
   * @param owner the account's name
   * @param paths absolute ones
   * @throws java.io.UncheckedIOException if the paths cannot be checked, or not in time
   */
  List<PathKind> look(String owner, List<Path> paths);

  /**
   * What an account finds at a path, with the version of what is there.
   *
   * @param stamp inode, time of the last change and size, as {@code %i:%.9Y:%s} of {@code stat(1)};
   *     empty if nothing is there, or if it may not look
   */
  record PathFacts(PathKind kind, Optional<String> stamp) {
    /** The form of a stamp. */
    public static final String STAMP = "[0-9]{1,20}:-?[0-9]{1,12}\\.[0-9]{9}:[0-9]{1,20}";

    /** When it was changed last. */
    public Optional<Instant> changedAt() {
      return stamp.map(
          text -> {
            String[] seconds = text.split(":", -1)[1].split("\\.", -1);
            return Instant.ofEpochSecond(Long.parseLong(seconds[0]), Long.parseLong(seconds[1]));
          });
    }
  }

  /**
   * What is at a path.
   *
   * @param owner the account's name
   * @param path an absolute one
   * @param deadline when the look is abandoned
   * @throws java.io.UncheckedIOException if the path cannot be checked, or not in time
   */
  PathFacts facts(String owner, Path path, Deadline deadline);

  /** The most bytes that {@link #head} reads: what the kernel reads to execute a program. */
  int HEAD_BYTES = 256;

  /**
   * The first {@link #HEAD_BYTES} of a file; empty if the account may not read it. Blocks for a few
   * seconds at most.
   *
   * @param owner the account's name
   * @param path an absolute one
   */
  Optional<byte[]> head(String owner, Path path);

  /**
   * Makes a copy of an SQLite database in which all is as it was at one moment, without a lock.
   *
   * @param owner the account's name
   * @param to a file in a folder that belongs to nobody else; has a log beside it afterwards
   * @param deadline when the copy is abandoned
   */
  void copyDatabase(String owner, Path database, Path to, Deadline deadline)
      throws UnreadableException;

  /**
   * Queries for a copy of a database, each of which finds at most one value.
   *
   * @param sql with {@code ?} for the argument
   * @param required how many of the first ones must find something; after one that does not, no
   *     other is made
   */
  record DatabaseQueries(List<String> sql, int required, String argument) {
    /** The most characters of a value that are looked at. */
    public static final int MAX_VALUE_CHARACTERS = 200;
  }

  /**
   * What queries find in a copy of a database that {@link #copyDatabase} has made, read by a
   * process with the ids of the account: the content of the copy is the account's, and so is a
   * fault of the reader that it provokes.
   *
   * @param copy belongs to the account afterwards
   * @return for each query that was made the value as text, empty if there is none, or no such
   *     column; empty as a whole if this process has those ids itself, and may open the copy
   */
  Optional<List<Optional<String>>> query(
      String owner, Path copy, DatabaseQueries queries, Deadline deadline)
      throws UnreadableException;
}
