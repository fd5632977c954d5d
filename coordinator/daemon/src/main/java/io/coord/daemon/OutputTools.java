package io.coord.daemon;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs tools of the system on files of output: Java has no call for allocated blocks and holes.
 * Each ends within a time limit, also where the kernel makes it wait.
 */
final class OutputTools {
  private static final File NULL_DEVICE = new File("/dev/null");

  /** What {@code timeout} ends with after it has killed the tool. */
  private static final int KILLED = 137;

  private OutputTools() {}

  /**
   * Runs a tool.
   *
   * @param input the file that the tool reads
   * @param line is given each line of output, as it comes
   * @return the exit code
   * @throws IOException if it cannot be run, or was killed at the limit
   */
  static int run(List<String> command, Duration limit, File input, Consumer<String> line)
      throws IOException {
    List<String> limited =
        new ArrayList<>(List.of("/usr/bin/timeout", "-s", "KILL", limit.toSeconds() + "s"));
    limited.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(limited)
            .directory(new File("/"))
            .redirectInput(input)
            .redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("LC_ALL", "C");
    Process process = builder.start();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      in.lines().forEach(line);
      int code = process.waitFor();
      if (code == KILLED) {
        throw new IOException(
            "'%s' did not end within %d s".formatted(command.get(0), limit.toSeconds()));
      }
      return code;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("'%s' was interrupted".formatted(command.get(0)), e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** As {@link #run(List, Duration, File, Consumer)}, without input. */
  static int run(List<String> command, Duration limit, Consumer<String> line) throws IOException {
    return run(command, limit, NULL_DEVICE, line);
  }
}
