package io.coord.systemd.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.systemd.ServiceNotifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a program that stands in for systemd-notify. */
class NotifyProgramTest {
  private static final Map<String, String> LISTENING = Map.of("NOTIFY_SOCKET", "/run/notify");

  private @TempDir Path folder;

  @Test
  void passesEachAssignmentAsAnArgument() throws IOException {
    ServiceNotifier notifier = notifier("printf '%s\\n' \"$@\" >'" + folder.resolve("said") + "'");

    assertThat(notifier.send(List.of("READY=1", "STATUS=3 running, 5 queued", "WATCHDOG=1")))
        .isEmpty();

    assertThat(folder.resolve("said"))
        .hasContent("READY=1\nSTATUS=3 running, 5 queued\nWATCHDOG=1\n");
  }

  @Test
  void returnsAFailureInsteadOfThrowing() throws IOException {
    assertThat(notifier("exit 1").send(List.of("READY=1")).orElseThrow())
        .contains("ended with exit code 1");
    assertThat(
            NotifyProgram.of(LISTENING, 1, folder.resolve("missing").toString())
                .orElseThrow()
                .send(List.of("READY=1"))
                .orElseThrow())
        .startsWith("cannot run '" + folder.resolve("missing") + "'");
  }

  @Test
  void isEmptyWithoutANotifySocket() {
    assertThat(NotifyProgram.of(Map.of("WATCHDOG_USEC", "60000000"))).isEmpty();
    assertThat(NotifyProgram.of(Map.of("NOTIFY_SOCKET", ""))).isEmpty();
  }

  @Test
  void usesTheWatchdogOfThisProcessOnly() {
    assertThat(watchdog(Map.of())).isEmpty();
    assertThat(watchdog(Map.of("WATCHDOG_USEC", "1500000"))).contains(Duration.ofMillis(1500));
    assertThat(watchdog(Map.of("WATCHDOG_USEC", "1500000", "WATCHDOG_PID", "7")))
        .contains(Duration.ofMillis(1500));
    assertThat(watchdog(Map.of("WATCHDOG_USEC", "1500000", "WATCHDOG_PID", "8"))).isEmpty();
    for (String none : List.of("", "0", "-5", "x", "99999999999999999999")) {
      assertThat(watchdog(Map.of("WATCHDOG_USEC", none))).as(none).isEmpty();
    }
  }

  private static Optional<Duration> watchdog(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(LISTENING);
    environment.putAll(more);
    return NotifyProgram.of(environment, 7, "x").orElseThrow().watchdog();
  }

  private ServiceNotifier notifier(String script) throws IOException {
    Path program = folder.resolve("notify");
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return NotifyProgram.of(LISTENING, 7, program.toString()).orElseThrow();
  }
}
