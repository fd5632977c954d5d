package io.coord.server.cli;

import java.util.List;

/** Where a command writes. For one thread; a caller that went away shows as an exception. */
public interface CommandOutput {
  /**
   * Writes to the caller's standard output.
   *
   * @throws java.io.UncheckedIOException if the caller is gone
   */
  void out(byte[] bytes, int offset, int length);

  /** Writes one line to the caller's standard error. */
  void error(String line);

  /** Tells that this end is alive, and finds out whether the other is. */
  void keepAlive();

  /**
   * Asks the caller for input; the command is sent again with it.
   *
   * @param needs lines such as {@code file PATH} and {@code env NAME}
   */
  void need(List<String> needs);

  /**
   * Has the caller begin a file, with the caller's rights; it has its name only after {@link
   * #endFile}.
   *
   * @param name as it was typed
   * @param replace whether it may replace one that exists
   */
  void beginFile(String name, boolean replace);

  /** Writes to that file. */
  void file(byte[] bytes, int offset, int length);

  /** Has the caller make that file durable and give it its name. */
  void endFile();

  /** Writes text to the caller's standard output. */
  default void out(String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    out(bytes, 0, bytes.length);
  }
}
