package io.coord.selftest.live;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Programs that look at the service manager, or disturb it, from outside. */
final class LivePrograms {
  private static final long LIMIT_SECONDS = 180;

  private LivePrograms() {}

  /** An exit code and the output, both streams together. */
  record Ended(int code, String output) {}

  static Ended run(String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("coord-live-", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(List.of(command) + " takes longer than " + LIMIT_SECONDS + " s");
      }
      return new Ended(
          process.exitValue(), Files.readString(output, StandardCharsets.UTF_8).stripTrailing());
    } finally {
      Files.deleteIfExists(output);
    }
  }

  static Ended systemctl(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("systemctl", "--user"));
    command.addAll(List.of(words));
    return run(command.toArray(String[]::new));
  }

  /** A property of an experiment's unit, as systemd says it. */
  static String property(String id, String name) throws IOException, InterruptedException {
    return systemctl("show", "--value", "--property=" + name, "brain-experiment@" + id + ".service")
        .output();
  }

  /** Skips the test, with the reason, where it has no service manager to itself. */
  static void assumeServiceManager() throws IOException, InterruptedException {
    Ended answer;
    try {
      answer = systemctl("show", "--property=Version");
    } catch (IOException e) {
      answer = new Ended(-1, String.valueOf(e.getMessage()));
    }
    Assumptions.assumeTrue(
        answer.code() == 0,
        "no service manager on the session bus; run with script/with-systemd ("
            + answer.output()
            + ")");
    Path coord = Path.of(String.valueOf(System.getenv("XDG_RUNTIME_DIR")), "coord", "coord.sock");
    Assumptions.assumeFalse(
        Files.exists(coord),
        "a coordinator of your own is here ('" + coord + "'), whose units a test would disturb");
  }

  /** Skips the test where the session bus is one that people use. */
  static void assumePrivateServiceManager() throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        systemctl("cat", "with-systemd.target").code() == 0,
        "ends the session bus; run with script/with-systemd, which has one of its own");
  }
}
