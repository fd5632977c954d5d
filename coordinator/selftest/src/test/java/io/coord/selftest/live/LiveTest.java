package io.coord.selftest.live;

import io.coord.runner.RequestField;
import io.coord.runner.json.Requests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What all live tests have: a coordinator of their own, not started yet. */
@Tag("systemd")
@Timeout(LiveTest.HANG_SECONDS)
abstract class LiveTest {
  /** Only ends a test that hangs: a busy machine is no failure. */
  static final int HANG_SECONDS = 900;

  /** As far as experiments that only say something need it. */
  private static final String LITTLE_RAM = "128M";

  /** What the coordinators of all tests logged, to be read after a failure. */
  private static final Path LOGS = Path.of("target", "live-logs");

  LiveCoordinator coord;

  @BeforeEach
  void makeCoordinator(@TempDir Path folder) throws Exception {
    LivePrograms.assumeServiceManager();
    coord = new LiveCoordinator(folder);
  }

  @AfterEach
  void endAll(TestInfo test) throws Exception {
    if (coord != null) {
      keepLog(test, String.join("\n", coord.lines()));
      coord.endAll();
    }
  }

  static void keepLog(TestInfo test, String text) throws IOException {
    Files.createDirectories(LOGS);
    Files.writeString(
        LOGS.resolve(test.getTestMethod().orElseThrow().getName() + ".log"),
        text,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** A request for a command, in the coordinator's work folder. */
  Requests command(String id, List<String> argv) {
    return Requests.forCommand(argv)
        .with(RequestField.ID, id)
        .with(RequestField.RAM, LITTLE_RAM)
        .with(RequestField.RESTART_DELAY, "0s")
        .with(RequestField.WORKING_DIRECTORY, coord.work().toString());
  }

  /** A request for a shell script. */
  Requests shell(String id, String script) {
    return command(id, List.of("/bin/sh", "-c", script));
  }

  /** A request for a Python program. */
  Requests python(String id, String program) {
    return command(id, List.of("python3", "-c", program));
  }
}
