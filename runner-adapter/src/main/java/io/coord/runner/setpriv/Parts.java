package io.coord.runner.setpriv;

import io.coord.runner.Quoting;
import io.coord.runner.UnreadableException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Parses the output of {@code copy-database}. It comes from another account and is not trusted. */
final class Parts {
  private static final int LONGEST_LINE = 200;
  private static final int CHUNK_BYTES = 64 << 10;

  private Parts() {}

  /**
   * Writes the database, and its log beside it if it has one.
   *
   * @throws UnreadableException if the output has another form
   */
  static void take(Path said, Path to) throws IOException, UnreadableException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(said), CHUNK_BYTES)) {
      write(in, bytes(in, "whole "), to);
      long logged = bytes(in, "log ");
      if (logged > 0) {
        write(in, logged, to.resolveSibling(to.getFileName() + "-wal"));
      }
      String end = line(in);
      if (!end.equals("still")) {
        throw refusal(end);
      }
    }
  }

  private static long bytes(InputStream in, String before) throws IOException, UnreadableException {
    String line = line(in);
    if (line.startsWith(before) && line.substring(before.length()).matches("[0-9]{1,12}")) {
      return Long.parseLong(line.substring(before.length()));
    }
    throw refusal(line);
  }

  /** A file that became shorter while it was copied is not followed by the expected line. */
  private static UnreadableException refusal(String line) {
    if (line.startsWith("missing ")) {
      return UnreadableException.missing(line.substring("missing ".length()));
    }
    if (line.startsWith("lasting ")) {
      return UnreadableException.lasting(line.substring("lasting ".length()));
    }
    if (line.startsWith("later ")) {
      return UnreadableException.later(line.substring("later ".length()));
    }
    return UnreadableException.passing(
        line.startsWith("passing ")
            ? line.substring("passing ".length())
            : "is being written without a pause");
  }

  /** Fit for one line of a message, whatever it was. */
  private static String line(InputStream in) throws IOException {
    byte[] line = new byte[LONGEST_LINE];
    int length = 0;
    for (int next = in.read(); next >= 0 && next != '\n' && length < LONGEST_LINE; ) {
      line[length++] = (byte) next;
      next = in.read();
    }
    return Quoting.oneLine(new String(line, 0, length, StandardCharsets.UTF_8), LONGEST_LINE);
  }

  private static void write(InputStream in, long bytes, Path to)
      throws IOException, UnreadableException {
    try (OutputStream out =
        Files.newOutputStream(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      for (long left = bytes; left > 0; ) {
        int read = in.read(chunk, 0, (int) Math.min(chunk.length, left));
        if (read < 0) {
          throw UnreadableException.passing("is being written without a pause");
        }
        out.write(chunk, 0, read);
        left -= read;
      }
    }
  }
}
