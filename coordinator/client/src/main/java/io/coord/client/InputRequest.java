package io.coord.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the daemon asked for: files that are read here, with the rights of the user and not of the
 * daemon, and variables of the environment.
 */
final class InputRequest {
  /** Larger is no config but a mistake; the daemon refuses a larger request, too. */
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
   * Gathers it.
   *
   * @param lines {@code file PATH} or {@code env NAME}
   * @throws ExitException naming each file that cannot be had
   */
  void gather(String lines, Invocation caller) throws ExitException {
    StringBuilder faults = new StringBuilder();
    int start = 0;
    while (start < lines.length()) {
      int end = lines.indexOf('\n', start);
      end = end < 0 ? lines.length() : end;
      String line = lines.substring(start, end);
      start = end + 1;
      if (line.startsWith(FILE)) {
        addFile(line.substring(FILE.length()), faults);
      } else if (line.startsWith(VARIABLE)) {
        caller.addVariables(line.substring(VARIABLE.length()), environment);
      } else if (!line.isEmpty()) {
        throw new ExitException(
            ExitException.INTERNAL,
            "coord: cannot give the daemon "
                + Text.quoted(line)
                + ": is it a coordinator of the same version? Nothing was enqueued");
      }
    }
    if (faults.length() > 0) {
      throw new ExitException(ExitException.USER, faults.toString());
    }
  }

  private void addFile(String name, StringBuilder faults) {
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
    } catch (NoSuchFileException e) {
      problem = "no such file";
    } catch (AccessDeniedException e) {
      problem = "permission denied";
    } catch (FileSystemException e) {
      problem = String.valueOf(e.getReason());
    } catch (IOException | IllegalArgumentException e) {
      problem = String.valueOf(e.getMessage());
    }
    if (faults.length() > 0) {
      faults.append('\n');
    }
    faults
        .append("coord: cannot read config ")
        .append(Text.quoted(name))
        .append(": ")
        .append(problem)
        .append("; nothing was enqueued");
  }

  /** The file, or as much of it as shows that it is too large. */
  private static byte[] content(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("it is a folder");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MAX_FILE_BYTES + 1);
    }
  }
}
