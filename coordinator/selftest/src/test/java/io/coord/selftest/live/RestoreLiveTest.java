package io.coord.selftest.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A backup in the place of the database, while something runs that it does not know. */
class RestoreLiveTest extends LiveTest {

  private String restore(Path backup, int code) throws Exception {
    List<String> command = new ArrayList<>(coord.command());
    command.remove("daemon");
    command.addAll(List.of("restore", backup.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(coord.roots());
    Process restore = builder.start();
    String said = new String(restore.getInputStream().readAllBytes(), UTF_8);
    assertThat(restore.waitFor()).as(said).isEqualTo(code);
    return said;
  }

  private String enqueue(String... words) throws Exception {
    List<String> line = new ArrayList<>(List.of("enqueue", "--ram", "32M"));
    line.addAll(List.of(words));
    LiveCoordinator.CommandResult result = coord.say(line.toArray(String[]::new));
    assertThat(result.code()).as(result.error()).isZero();
    return result.out().strip();
  }

  @Test
  void startsNothingThatHasEndedLosesNothingThatRunsAndReusesNoId() throws Exception {
    coord.start();
    coord.say("drain");
    coord.enqueue(shell("once", "echo ran >>once.ran"));
    // With its log: a copy by hand.
    Path backup = coord.work().resolve("backup.db");
    Files.copy(coord.database(), backup);
    Path log = coord.database().resolveSibling("coord.db-wal");
    if (Files.exists(log)) {
      Files.copy(log, coord.work().resolve("backup.db-wal"));
    }
    coord.say("resume");
    coord.awaitEnd("once");
    String ended = enqueue("--", "/bin/true");
    coord.awaitEnd(ended);
    String runs = enqueue("--", "/bin/sleep", "1000");
    coord.awaitState(runs, "running");
    assertThat(restore(backup, 2)).contains("the daemon is running; stop it");

    coord.terminate();
    assertThat(restore(backup, 0))
        .contains("2 experiments only in the database")
        .contains("once")
        .contains("restored '" + backup + "'");
    coord.start();
    coord.say("resume");

    coord.awaitState(runs, "running");
    assertThat(coord.awaitEnd("once").path("state").asText()).isEqualTo("completed");
    assertThat(coord.work().resolve("once.ran")).hasContent("ran\n");
    assertThat(List.of(ended, runs)).doesNotContain(enqueue("--", "/bin/true"));
    coord.say("stop", runs);
    coord.awaitEnd(runs);
  }
}
