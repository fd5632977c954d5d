package io.coord.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Files and environment variables that the daemon requested. The files are read here, with the
 * rights of the user and not of the daemon.
 */
final class InputRequest {
  /** A larger file is a mistake and no config; the daemon refuses a larger request, too. */
  private static final int MAX_FILE_BYTES = 1 << 20;

  private static final String FILE = "file ";
  private static final String VARIABLE = "env ";

  private final Map<String, String> files = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();

  /** Path as the daemon named it, to content. */
  Map<String, String> files() {
    return files;
  }

  Map<String, String> environment() {
    return environment;
  }

  /**
   * Reads the files and variables.
   *
   * @param lines {@code file PATH} or {@code env NAME}
   * @throws ExitException naming each file that cannot be read
   */
  void gather(String lines, Invocation caller) throws ExitException {
    StringBuilder errors = new StringBuilder();
    int start = 0;
    while (start < lines.length()) {
      int end = lines.indexOf('\n', start);
      end = end < 0 ? lines.length() : end;
      String line = lines.substring(start, end);
      start = end + 1;
      if (line.startsWith(FILE)) {
        addFile(line.substring(FILE.length()), errors);
      } else if (line.startsWith(VARIABLE)) {
        caller.addVariables(line.substring(VARIABLE.length()), environment);
      } else if (!line.isEmpty()) {
        throw new ExitException(
            ExitException.INTERNAL,
            "coord: the daemon requested an unknown input, "
                + Text.quoted(line)
                + "; check that client and daemon have the same version. Nothing was enqueued");
      }
    }
    if (errors.length() > 0) {
      throw new ExitException(ExitException.USER, errors.toString());
    }
  }

  private void addFile(String name, StringBuilder errors) {
    String problem;
    try {
      byte[] content = content(RawPath.of(name));
      String text = Text.strict(content, 0, content.length);
      if (content.length > MAX_FILE_BYTES) {
        problem = "larger than " + (MAX_FILE_BYTES >> 20) + " MiB";
      } else if (text == null) {
        problem = "not UTF-8";
      } else {
        files.put(name, text);
        return;
      }
    } catch (IOException | IllegalArgumentException e) {
      problem = Text.problem(e);
    }
    if (errors.length() > 0) {
      errors.append('\n');
    }
    errors
        .append("coord: cannot read ")
        .append(Text.quoted(name))
        .append(": ")
        .append(problem)
        .append("; nothing was enqueued");
  }

  /** The file, or as much of it as shows that it is too large. */
  private static byte[] content(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("is a directory");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MAX_FILE_BYTES + 1);
    }
  }
}
