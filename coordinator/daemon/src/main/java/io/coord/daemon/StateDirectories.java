package io.coord.daemon;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The directories that the coordinator keeps its files in: created, locked against a second
 * coordinator, and cleared of temporary files that a killed one left.
 *
 * @param databaseCopies for copies of the database that clients download
 * @param runnerScratch for copies of runner databases
 */
record StateDirectories(Path databaseCopies, Path runnerScratch) {

  /**
   * Prepares the directories.
   *
   * @throws InUseException if another coordinator uses them
   * @throws IOException if that cannot be done
   */
  static StateDirectories open(Paths paths, Lifecycle lifecycle) throws IOException {
    create(paths);
    lock(paths.state(), lifecycle);
    StateDirectories directories =
        new StateDirectories(paths.state().resolve("copies"), paths.state().resolve("scratch"));
    clear(directories.databaseCopies());
    unpackNatives(paths);
    return directories;
  }

  private static void create(Paths paths) throws IOException {
    Files.createDirectories(paths.state());
    Files.createDirectories(paths.runtime());
    Path output = ExperimentDirectoriesOnDisk.outputs(paths.state());
    Files.createDirectories(output);
    // Experiments of other users pass through these directories to their own.
    String mode = paths.user() ? "rwx------" : "rwx--x--x";
    Files.setPosixFilePermissions(paths.state(), PosixFilePermissions.fromString(mode));
    Files.setPosixFilePermissions(output, PosixFilePermissions.fromString(mode));
    Files.setPosixFilePermissions(
        paths.runtime(), PosixFilePermissions.fromString(paths.user() ? mode : "rwxr-xr-x"));
  }

  /** Another coordinator uses the directories. */
  static final class InUseException extends IOException {
    private static final long serialVersionUID = 1;

    InUseException(Path state) {
      super("cannot use '" + state + "': another coordinator does; this one ends");
    }
  }

  /** Two coordinators on one database would start everything twice. */
  private static void lock(Path state, Lifecycle lifecycle) throws IOException {
    FileChannel channel =
        lifecycle.opened(
            "the lock of the state directory",
            FileChannel.open(
                state.resolve("coord.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    try {
      if (channel.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // This process has the lock.
    }
    throw new InUseException(state);
  }

  /**
   * SQLite's library is unpacked at each start, and stays when the daemon is killed. In a directory
   * of ours it can be cleared, and it can be loaded (often not from /run or /tmp).
   */
  private static void unpackNatives(Paths paths) throws IOException {
    Path directory = paths.natives();
    // It may be anybody's directory.
    clear(directory, "sqlite-*-libsqlitejdbc.so*");
    Optional<Path> noexec =
        MountTable.read(paths.hardware().proc().resolve("self/mounts"))
            .noexec(directory.toRealPath());
    if (noexec.isPresent()) {
      throw new IOException(
          "cannot load SQLite's native library from '%s': '%s' is mounted noexec; set %s to a"
                  .formatted(directory, noexec.get(), Paths.NATIVES)
              + " directory from which programs can be run");
    }
    System.setProperty("org.sqlite.tmpdir", directory.toString());
  }

  /** Makes an empty directory: files that a killed daemon left in it are of no use. */
  static void clear(Path directory) throws IOException {
    clear(directory, "*");
  }

  private static void clear(Path directory, String names) throws IOException {
    Files.createDirectories(directory);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, names)) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }
}
