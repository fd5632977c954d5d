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
 * A file that the daemon sends, written here with the rights of the user: under another name until
 * it is whole and on the disk.
 */
final class ResponseReader {
  private static final String REPLACING = "replace ";
  private static final String NEW = "new ";

  private final String name;
  private final Path file;
  private final boolean replaces;
  private final Path partial;
  private final FileChannel channel;

  private ResponseReader(String name, Path file, boolean replaces) throws IOException {
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
    // Ctrl-C in the middle leaves no half file either.
    Runtime.getRuntime().addShutdownHook(new Thread(this::drop));
  }

  /**
   * Begins a file.
   *
   * @param order {@code new NAME} or {@code replace NAME}
   * @param argv what was typed: no other file is written than one that is named there
   */
  static ResponseReader begin(String order, List<String> argv) throws ExitException {
    boolean replaces = order.startsWith(REPLACING);
    String name = order.substring(Math.min(order.length(), (replaces ? REPLACING : NEW).length()));
    if (!(replaces || order.startsWith(NEW)) || !argv.contains(name)) {
      throw new ExitException(
          ExitException.INTERNAL,
          "coord: the daemon sends a file that was not asked for, "
              + Text.quoted(name)
              + "; nothing was written");
    }
    try {
      Path file = RawPath.of(name);
      if (!replaces && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw exists(name);
      }
      if (Files.isDirectory(file)) {
        throw cannot(name, "it is a folder");
      }
      return new ResponseReader(name, file, replaces);
    } catch (IOException | IllegalArgumentException e) {
      throw cannot(name, e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  void add(byte[] bytes, int start, int length) throws ExitException {
    try {
      ByteBuffer rest = ByteBuffer.wrap(bytes, start, length);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    } catch (IOException e) {
      throw cannot(name, String.valueOf(e.getMessage()));
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
      throw cannot(name, String.valueOf(e.getMessage()));
    }
  }

  private void publish() throws IOException {
    try {
      // Unlike a move, a link cannot replace a file that has come to be meanwhile.
      Files.createLink(file, partial);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | IOException e) {
      // A file system without links, as on most memory sticks.
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(name);
      }
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Removes what is not the whole file; does nothing once that is in its place. */
  void drop() {
    try {
      channel.close();
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      // It stays, hidden and named as what it is.
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
            + ": there is such a file already; it is left as it is, --force replaces it");
  }

  private static ExitException cannot(String name, String why) {
    return new ExitException(
        ExitException.OUTPUT,
        "coord: cannot write " + Text.quoted(name) + ": " + why + "; no file was made");
  }
}
