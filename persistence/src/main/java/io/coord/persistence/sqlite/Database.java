package io.coord.persistence.sqlite;

import io.coord.persistence.LedgerException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteOpenMode;

/**
 * The database file and how to connect to it.
 *
 * @param file absolute
 * @param busyTimeout how long a statement waits for another process that holds the lock
 * @param what its content, as messages name it
 * @param synchronous which writes are flushed to the disk
 */
record Database(Path file, Duration busyTimeout, String what, SynchronousMode synchronous) {

  /** For the pages of one connection; what the kernel caches is a copy away. */
  private static final int CACHE_KIB = 512;

  /** Some milliseconds of SQLite's work. */
  private static final int STEPS_BETWEEN_CALLS = 10_000;

  /** The length of the database header, by SQLite's file format. */
  private static final int HEADER_BYTES = 100;

  private static final String MARK = "-found-damaged";

  /** The file itself, and what SQLite keeps beside it. */
  private static final List<String> SUFFIXES = List.of("", "-wal", "-shm", "-journal");

  /** A ledger's: every commit is flushed. */
  Database(Path file, Duration busyTimeout) {
    this(file, busyTimeout, "ledger", SynchronousMode.FULL);
  }

  /** The same place for measurements: only what cannot be taken back is flushed. */
  Database forMeasurements() {
    return new Database(file, busyTimeout, "measurement store", SynchronousMode.NORMAL);
  }

  /** The database in this file, or in the one that a link of this name leads to. */
  static Database of(Path file, Duration busyTimeout) throws IOException {
    // SQLite follows a link and keeps its log where the link leads: so must we.
    Path absolute = file.toAbsolutePath().normalize();
    return new Database(
        Files.isSymbolicLink(absolute) ? absolute.toRealPath() : absolute, busyTimeout);
  }

  /** Creates the file, empty, with its folder; leaves one that exists as it is. */
  void createIfMissing() throws IOException {
    if (Files.exists(file)) {
      return;
    }
    Path folder = folderOf(file);
    Path existing = folder;
    while (!Files.exists(existing)) {
      existing = folderOf(existing);
    }
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    // Born with its mode: an environment in a spec must not be readable for a moment.
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    // SQLite flushes what is in the file; that there is a file is ours to make durable.
    for (Path made = folder; ; made = folderOf(made)) {
      force(made);
      if (made.equals(existing)) {
        return;
      }
    }
  }

  /**
   * Refuses a file that this process may not write, before SQLite creates other files.
   *
   * @throws AccessDeniedException naming the file or its folder, which holds the log
   */
  void requireWritable() throws AccessDeniedException {
    for (Path each : List.of(file, folderOf(file))) {
      if (!Files.isWritable(each)) {
        throw new AccessDeniedException(each.toString());
      }
    }
  }

  /** Removes the permissions of group and others from the files. */
  void makePrivate() throws IOException {
    Set<PosixFilePermission> ownerOnly =
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE);
    for (String suffix : List.of("", "-wal", "-shm")) {
      Path each = companion(suffix);
      if (Files.exists(each)) {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(each);
        if (mode.retainAll(ownerOnly)) {
          Files.setPosixFilePermissions(each, mode);
        }
      }
    }
  }

  /**
   * Gives the file, and the files that SQLite keeps beside it, another name that is free, to make
   * room for a new one. If the process dies on the way, at any point, the file has one of the names
   * or both.
   *
   * @return the file's new name
   */
  Path rename() throws IOException {
    Path kept = linkAs(".damaged-");
    delete();
    clearMark();
    force(folderOf(file));
    return kept;
  }

  /**
   * Puts another file in the place of this one, which keeps another name, together with the files
   * that SQLite keeps beside it. If the process dies on the way, the file is one or the other; if
   * this file has a log, as a damaged one may, there may be none.
   *
   * @return the name that this file has from now on; empty if there was none
   */
  Optional<Path> replaceWith(Path other) throws IOException {
    Optional<Path> kept = Optional.empty();
    if (Files.exists(file)) {
      kept = Optional.of(linkAs(".before-restore-"));
      if (hasLog()) {
        // It would be taken for the other's.
        delete();
      }
    }
    for (String suffix : List.of("-wal", "-shm", "-journal")) {
      Files.deleteIfExists(companion(suffix));
    }
    force(folderOf(file));
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
    clearMark();
    force(folderOf(file));
    return kept;
  }

  private boolean hasLog() {
    return List.of("-wal", "-journal").stream()
        .map(this::companion)
        .anyMatch(log -> Files.exists(log) && log.toFile().length() > 0);
  }

  /** Gives the file and what is beside it a second name that is free, with this in it. */
  private Path linkAs(String kind) throws IOException {
    int number = 1;
    while (isTaken(kind + number)) {
      number++;
    }
    for (String suffix : SUFFIXES) {
      if (Files.exists(companion(suffix))) {
        // A link cannot overwrite anything.
        Files.createLink(companion(kind + number + suffix), companion(suffix));
      }
    }
    force(folderOf(file));
    return companion(kind + number);
  }

  private boolean isTaken(String name) {
    return SUFFIXES.stream()
        .anyMatch(suffix -> Files.exists(companion(name + suffix), LinkOption.NOFOLLOW_LINKS));
  }

  /** Deletes the file, and the files that SQLite keeps beside it. */
  void delete() throws IOException {
    // The file first: without its log it could pass for a whole one, of an earlier time.
    for (String suffix : SUFFIXES) {
      Files.deleteIfExists(companion(suffix));
    }
  }

  /**
   * Leaves a mark that the file was found damaged while in use: the next opening reads all of it.
   * If the mark cannot be written, the next opening reads as little as usual.
   */
  void mark() {
    try {
      if (!isMarked()) {
        Files.createFile(companion(MARK));
      }
    } catch (IOException e) {
      // The caller reports the damage itself.
    }
  }

  boolean isMarked() {
    return Files.exists(companion(MARK));
  }

  void clearMark() throws IOException {
    Files.deleteIfExists(companion(MARK));
  }

  /** Flushes a file, or a folder's list of files, to the disk. */
  static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** A connection that reads and writes; closing the handle closes it. */
  Handle connectWriter() {
    SQLiteConfig config = config();
    // A file that is deleted while it is in use must not come back empty.
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(synchronous);
    config.enforceForeignKeys(true);
    config.setTransactionMode(TransactionMode.IMMEDIATE);
    Handle handle = connect(config, "");
    // Where shared memory cannot be had, SQLite stays with another mode and says nothing.
    String mode = handle.createQuery("PRAGMA journal_mode").mapTo(String.class).one();
    if (!mode.equals("wal")) {
      handle.close();
      throw new LedgerException(
          "cannot use '%s': its journal mode stays '%s', as its file system offers no WAL"
              .formatted(file, mode),
          null);
    }
    return handle;
  }

  /** A connection that can only read. */
  Handle connectReader() {
    SQLiteConfig config = config();
    config.setReadOnly(true);
    return connect(config, "");
  }

  /**
   * A connection to inspect a file that may be anything; avoids that SQLite creates other files.
   */
  Handle connectInspector() throws IOException {
    if (Files.exists(companion("-journal"))) {
      // A power cut has struck while the file was not in WAL mode yet, and only one who may write
      // can take back what was left half done. Every program that reads the file would do the same.
      return connectReadWrite();
    }
    Path log = companion("-wal");
    if (Files.exists(log) && Files.size(log) > 0) {
      return connectReader();
    }
    // All there is to read is in the file, and this way SQLite makes neither log nor lock.
    SQLiteConfig config = config();
    config.setReadOnly(true);
    return connect(config, "?immutable=1");
  }

  /** A connection that reads and writes, and changes no setting of the file. */
  Handle connectReadWrite() {
    SQLiteConfig config = config();
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    return connect(config, "");
  }

  private SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(Math.toIntExact(busyTimeout.toMillis()));
    config.setCacheSize(-CACHE_KIB);
    return config;
  }

  private Handle connect(SQLiteConfig config, String parameters) {
    // As a URI, because the driver takes what follows a '?' in a plain path for settings.
    String url = "jdbc:sqlite:file:" + file.toUri().getRawPath() + parameters;
    return Jdbi.create(() -> config.createConnection(url)).open();
  }

  /**
   * Runs one or several statements as they are, outside of the driver's own transactions: its
   * {@code commit()} begins the next transaction at once, and so can fail after it has committed.
   */
  static void execute(Handle handle, String sql) throws SQLException {
    try (Statement statement = handle.getConnection().createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  /** Interrupts what the connection is doing once the supplier returns true. */
  static void giveUpWhen(Handle handle, BooleanSupplier givenUp) throws SQLException {
    ProgressHandler.setHandler(
        handle.getConnection(),
        STEPS_BETWEEN_CALLS,
        new ProgressHandler() {
          @Override
          protected int progress() {
            return givenUp.getAsBoolean() ? 1 : 0;
          }
        });
  }

  /**
   * Whether the file holds something that cannot be a database: SQLite overwrites a file of one
   * byte as if it were empty.
   */
  boolean isTooShort() throws IOException {
    long bytes = Files.size(file);
    return bytes > 0 && bytes < HEADER_BYTES && !Files.exists(companion("-journal"));
  }

  /** A file beside this one, whose name goes on with this. */
  Path companion(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  static Path folderOf(Path absolute) {
    Path parent = absolute.getParent();
    return parent == null ? absolute : parent;
  }
}
