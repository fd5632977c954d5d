package io.coord.systemd.unitfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/** Writes files atomically, even if the power is cut. */
final class AtomicFile {
  private AtomicFile() {}

  /**
   * Replaces a file durably.
   *
   * @param mode such as {@code rw-------}; also while it is being written
   */
  static void write(Path file, String text, String mode) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8), mode);
  }

  /** The same with bytes. */
  static void write(Path file, byte[] content, String mode) throws IOException {
    Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
    Path unfinished = unfinished(file);
    Files.deleteIfExists(unfinished);
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      Files.setPosixFilePermissions(unfinished, permissions);
      channel.force(true);
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    syncFolder(folder(file));
  }

  /** Deletes a file and its unfinished copy that a crash may have left. */
  static void delete(Path file) throws IOException {
    Files.deleteIfExists(unfinished(file));
    Files.deleteIfExists(file);
  }

  /** Makes the entries of a folder durable. */
  static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** A name that systemd does not read: hidden, without a suffix that it knows. */
  private static Path unfinished(Path file) {
    return folder(file).resolve("." + file.getFileName() + ".unfinished");
  }

  /** Whether this is the unfinished copy of a file with that name. */
  static boolean isUnfinished(Path file, String name) {
    return unfinished(file.resolveSibling(name)).equals(file);
  }

  private static Path folder(Path file) {
    return Objects.requireNonNull(file.getParent(), "a file in a folder");
  }
}
