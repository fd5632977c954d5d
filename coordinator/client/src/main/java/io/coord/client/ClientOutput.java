package io.coord.client;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Standard output and standard error: bytes as they are, unbuffered. */
final class ClientOutput {
  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
  private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);

  /**
   * @throws ExitException if standard output takes no more
   */
  void out(byte[] bytes, int start, int length) throws ExitException {
    try {
      out.write(bytes, start, length);
    } catch (IOException e) {
      // The reader of the pipe has ended, as in `coord list | head -1`.
      throw isPipe()
          ? new ExitException(ExitException.CLOSED_PIPE, null)
          : new ExitException(
              ExitException.OUTPUT, "coord: cannot write to standard output: " + e.getMessage());
    }
  }

  void err(byte[] bytes, int start, int length) {
    try {
      err.write(bytes, start, length);
    } catch (IOException e) {
      // There is no other place to report it.
    }
  }

  void errorLine(String line) {
    byte[] bytes = line.concat("\n").getBytes(StandardCharsets.UTF_8);
    err(bytes, 0, bytes.length);
  }

  private static boolean isPipe() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException e) {
      return false;
    }
  }
}
