package io.coord.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A file that the daemon sends, written with the rights of the user: under a temporary name until
 * it is complete and on the disk.
 */
final class ReceivedFile {
  private static final String REPLACING = "replace ";
  private static final String NEW = "new ";

  private final String name;
  private final Path file;
  private final boolean replaces;
  private final Path partial;
  private final FileChannel channel;

  private ReceivedFile(String name, Path file, boolean replaces) throws IOException {
    this.name = name;
    this.file = file;
    this.replaces = replaces;
    this.partial =
        Files.createTempFile(
            folder(),
            ".coord-",
            ".partial",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    this.channel = FileChannel.open(partial, StandardOpenOption.WRITE);
    // An interrupt leaves no partial file either.
    Runtime.getRuntime().addShutdownHook(new Thread(this::drop));
  }

  /**
   * Begins a file.
   *
   * @param order {@code new NAME} or {@code replace NAME}
   * @param argv what was typed: only a file named there is written
   */
  static ReceivedFile begin(String order, List<String> argv) throws ExitException {
    boolean replaces = order.startsWith(REPLACING);
    String name = order.substring(Math.min(order.length(), (replaces ? REPLACING : NEW).length()));
    if (!(replaces || order.startsWith(NEW)) || !argv.contains(name)) {
      throw new ExitException(
          ExitException.INTERNAL,
          "coord: the daemon sent a file that was not requested, "
              + Text.quoted(name)
              + "; nothing was written");
    }
    try {
      Path file = RawPath.of(name);
      if (!replaces && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw exists(name);
      }
      if (Files.isDirectory(file)) {
        throw cannot(name, "is a directory");
      }
      return new ReceivedFile(name, file, replaces);
    } catch (IOException | IllegalArgumentException e) {
      throw cannot(name, Text.problem(e));
    }
  }

  void add(byte[] bytes, int start, int length) throws ExitException {
    try {
      ByteBuffer rest = ByteBuffer.wrap(bytes, start, length);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    } catch (IOException e) {
      throw cannot(name, Text.problem(e));
    }
  }

  /** Gives the file its name, once it is on the disk. */
  void finish() throws ExitException {
    try {
      channel.force(true);
      channel.close();
      if (replaces) {
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      } else {
        publish();
      }
      try (FileChannel folder = FileChannel.open(folder(), StandardOpenOption.READ)) {
        folder.force(true);
      }
    } catch (FileAlreadyExistsException e) {
      throw exists(name);
    } catch (IOException e) {
      throw cannot(name, Text.problem(e));
    }
  }

  private void publish() throws IOException {
    try {
      // Unlike a move, a link cannot replace a file that was created meanwhile.
      Files.createLink(file, partial);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | IOException e) {
      // A file system without hard links, such as FAT.
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(name);
      }
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Removes the partial file; does nothing once the file is complete. */
  void drop() {
    try {
      channel.close();
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      // The hidden partial file stays.
    }
  }

  private Path folder() {
    Path parent = file.getParent();
    return parent == null ? file : parent;
  }

  private static ExitException exists(String name) {
    return new ExitException(
        ExitException.USER,
        "coord: cannot write "
            + Text.quoted(name)
            + ": file exists and is unchanged; use --force to replace it");
  }

  private static ExitException cannot(String name, String why) {
    return new ExitException(
        ExitException.OUTPUT,
        "coord: cannot write " + Text.quoted(name) + ": " + why + "; no file was created");
  }
}
