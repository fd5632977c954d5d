package io.coord.server.cli;

import java.util.List;

/** The output of a command. For one thread; throws once the caller has disconnected. */
public interface CommandOutput {
  /**
   * Writes to the caller's standard output.
   *
   * @throws java.io.UncheckedIOException if the caller has disconnected
   */
  void out(byte[] bytes, int offset, int length);

  /** Writes one line to the caller's standard error. */
  void error(String line);

  /** Keeps the connection alive, and finds out whether the caller is still there. */
  void keepAlive();

  /**
   * Names the command line that continues this one. The caller sends it if the connection is lost,
   * because the daemon restarts; the latest one counts.
   *
   * @param argv the words after {@code coord}
   */
  void resumeWith(List<String> argv);

  /**
   * Requests input from the caller, who sends the command again with it.
   *
   * @param needs lines such as {@code file PATH} and {@code env NAME}
   */
  void need(List<String> needs);

  /**
   * Has the caller create a file, with the caller's rights; the file gets its name only at {@link
   * #endFile}.
   *
   * @param name as it was typed
   * @param replace whether an existing file may be replaced
   */
  void beginFile(String name, boolean replace);

  /** Writes to that file. */
  void file(byte[] bytes, int offset, int length);

  /** Has the caller flush that file to disk and give it its name. */
  void endFile();

  /** Writes text to the caller's standard output. */
  default void out(String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    out(bytes, 0, bytes.length);
  }
}
