package io.coord.thermal.sysfs;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** Reads one small file whole. An interface, because no plain file can fail the way sysfs does. */
interface FileReader {

  /** Longer than anything that the kernel writes into a thermal attribute. */
  int LIMIT_BYTES = 4096;

  /**
   * The content without surrounding blanks, cut at {@link #LIMIT_BYTES}.
   *
   * @throws IOException if it cannot be read; EAGAIN is normal for a block that is powered down
   */
  String read(Path file) throws IOException;

  /**
   * Does something that reads below a path, for example lists it, within the same bounds.
   *
   * @throws IOException if it fails, or does not end in time
   */
  default <T> T within(Path path, Callable<T> work) throws IOException {
    try {
      return work.call();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(String.valueOf(e), e);
    }
  }

  /**
   * Reads for real. With {@code FileInputStream}, because it reports EAGAIN: {@code
   * Files.readString} and {@code readAllBytes} return empty, {@code Files.lines} never returns
   * (measured on JDK 17.0.15).
   */
  static String readFile(Path file) throws IOException {
    byte[] bytes = new byte[LIMIT_BYTES];
    int length = 0;
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      while (length < LIMIT_BYTES) {
        int count = in.read(bytes, length, LIMIT_BYTES - length);
        if (count < 0) {
          break;
        }
        length += count;
      }
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8).strip();
  }
}
