package io.coord.client;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Standard output and standard error: bytes as they are, each write at once. */
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
      // On a pipe nothing else can happen: `coord list | head -1` has seen enough.
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
      // Nobody is left to be told.
    }
  }

  void complain(String line) {
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
