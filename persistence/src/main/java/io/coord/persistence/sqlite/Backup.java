package io.coord.persistence.sqlite;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;

/**
 * A copy of a ledger in use, written under another name and renamed once it is complete and on the
 * disk. A process that dies in between leaves a hidden file {@code .coord-backup-*.partial}.
 */
final class Backup {

  private Backup() {}

  /**
   * Copies what is in the database at this moment, over a connection of its own.
   *
   * @param target absolute
   * @param givenUp called repeatedly; ends the copying when it returns true
   * @throws FileAlreadyExistsException if the target exists; it is left unchanged
   */
  static void write(Database database, Path target, BooleanSupplier givenUp)
      throws IOException, SQLException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Path folder = Database.folderOf(target);
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    // Created with its mode, and empty, which SQLite accepts.
    Path partial =
        Files.createTempFile(
            folder,
            ".coord-backup-",
            ".partial",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      try (Handle handle = database.connectReader()) {
        Database.giveUpWhen(handle, givenUp);
        handle.execute("VACUUM INTO ?", partial.toString());
      }
      Database.force(partial);
      publish(partial, target);
      Database.force(folder);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static void publish(Path partial, Path target) throws IOException {
    try {
      // Unlike a move, a link cannot replace a file that was created meanwhile.
      Files.createLink(target, partial);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      // A file system without links, as on most memory sticks.
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
