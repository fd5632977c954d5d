package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.RequestField;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An experiment is followed while it runs, and stopped with grace. */
class FollowingLiveTest extends LiveTest {

  @Test
  void theCycleThatARunnerReportsIsShownWhileItRuns() throws Exception {
    coord.start();
    coord.enqueue(
        python(
            "reporter",
            """
            import os, socket, time
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            name = os.environ['NOTIFY_SOCKET']
            s.connect('\\0' + name[1:] if name[0] == '@' else name)
            s.sendall(b'STATUS=cycle 7/20')
            while not os.path.exists('go'): time.sleep(0.05)
            """));

    JsonNode seen =
        coord.awaitExperiment("reporter", "in cycle 7", e -> e.path("cycle").asInt() == 7);
    assertThat(seen.path("of").asInt()).isEqualTo(20);
    assertThat(seen.path("state").asText()).isEqualTo("running");
    assertThat(coord.say("status", "reporter").out()).contains("7/20");

    coord.touch("go");
    JsonNode ended = coord.awaitEnd("reporter");
    // Exit code 0 is a claim: 13 cycles are missing.
    assertThat(ended.path("state").asText()).isEqualTo("failed");
    assertThat(ended.path("reason").asText()).contains("7 of 20 cycles");
  }

  @Test
  void waitAndLogsContinueOverARestartOfTheDaemon() throws Exception {
    coord.start();
    coord.enqueue(
        shell(
                "long",
                "echo one; echo begun >begun; while ! [ -e go ]; do sleep 0.05; done; echo two;"
                    + " exit 3")
            .with(RequestField.MAX_CRASHES, "0"));
    coord.awaitFile("begun");
    coord.say("drain");
    coord.enqueue(shell("held", "true"));
    coord.say("hold", "held");
    Process wait = client("wait", "held", "long");
    Process logs = client("logs", "-f", "long");
    coord.await("the log to be shown", () -> Files.size(coord.work().resolve("logs.out")) > 0);
    // What only a person can end is reported at once.
    coord.await("the wait to be answered", () -> Files.size(coord.work().resolve("wait.err")) > 0);

    assertThat(coord.terminate()).isZero();
    coord.start();
    coord.say("stop", "held");
    coord.touch("go");

    assertThat(wait.waitFor()).as("an experiment has failed").isEqualTo(1);
    assertThat(logs.waitFor()).isZero();
    assertThat(coord.work().resolve("wait.out"))
        .content()
        .startsWith("held stopped: ")
        .contains("\nlong failed: ");
    assertThat(coord.work().resolve("logs.out")).hasContent("one\ntwo\n");
  }

  /** The client as users have it. */
  private Process client(String... words) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("perl", "../client/src/main/perl/coord-client.pl"));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(coord.work().resolve(words[0] + ".out").toFile())
            .redirectError(coord.work().resolve(words[0] + ".err").toFile());
    builder.environment().put("COORD_RUNTIME_DIR", coord.runtime().toString());
    return builder.start();
  }

  @Test
  void aStoppedExperimentMayWriteItsLastLine() throws Exception {
    coord.start();
    coord.enqueue(
        shell(
            "polite",
            "trap 'echo last words; exit 0' TERM; echo ready >ready; sleep 100 & wait; exit 9"));
    coord.awaitFile("ready");

    LiveCoordinator.CommandResult said = coord.say("stop", "polite");

    assertThat(said.code()).as("%s", said).isZero();
    JsonNode ended = coord.experiment("polite");
    assertThat(ended.path("state").asText()).isEqualTo("stopped");
    assertThat(ended.path("crashes").asInt()).isZero();
    assertThat(coord.say("logs", "polite").out()).isEqualTo("last words\n");
  }

  @Test
  void oneThatIgnoresItIsKilledAfterItsStopTimeout() throws Exception {
    coord.start();
    coord.enqueue(
        shell("deaf", "trap '' TERM; echo ready >ready; while :; do sleep 0.1; done")
            .with(RequestField.STOP_TIMEOUT, "1s"));
    coord.awaitFile("ready");

    long asked = System.nanoTime();
    LiveCoordinator.CommandResult said = coord.say("stop", "deaf");
    Duration took = Duration.ofNanos(System.nanoTime() - asked);

    assertThat(said.code()).as("%s", said).isZero();
    assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(900));
    JsonNode ended = coord.experiment("deaf");
    assertThat(ended.path("state").asText()).isEqualTo("stopped");
    assertThat(ended.path("crashes").asInt()).isZero();
    assertThat(RunRow.of(coord.database(), "deaf"))
        .extracting(RunRow::kind, RunRow::cause)
        .containsExactly(tuple("interruption", "operator"));
  }

  @Test
  void aChildThatOutlivesItsParentIsEndedWithIt() throws Exception {
    coord.start();
    coord.enqueue(
        shell(
            "parent",
            "setsid sh -c 'echo $$ >child; trap \"\" TERM; while :; do sleep 1; done' &"
                + " trap 'exit 0' TERM; wait"));
    long child = Long.parseLong(coord.awaitFile("child").strip());
    assertThat(ProcessHandle.of(child)).isPresent();

    coord.say("stop", "parent");

    assertThat(ProcessHandle.of(child).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(Files.exists(coord.work().resolve("child"))).isTrue();
  }

  @Test
  void anExperimentRunsNoLongerThanItMay() throws Exception {
    coord.start();
    coord.enqueue(
        shell("endless", "sleep 100")
            .with(RequestField.MAX_DURATION, "1s")
            .with(RequestField.RESTART_DELAY, "5s"));

    JsonNode ended = coord.awaitEnd("endless");

    assertThat(ended.path("state").asText()).isEqualTo("failed");
    assertThat(RunRow.of(coord.database(), "endless"))
        .extracting(RunRow::cause)
        .containsExactly("time_limit");
  }
}
