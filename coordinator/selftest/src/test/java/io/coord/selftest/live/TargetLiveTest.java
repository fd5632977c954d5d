package io.coord.selftest.live;

import static io.coord.selftest.live.InstalledCoordinator.TARGET;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.RequestField;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** All experiments and their coordinator, stopped and started together with their target. */
class TargetLiveTest extends LiveTest {
  private static final String UNTIL_GO = "until [ -e go ]; do sleep 0.05; done";
  private static final List<String> ALL = List.of("obeys", "answers", "exits");

  private InstalledCoordinator service;
  private @TempDir Path folder;

  @BeforeEach
  void install() throws Exception {
    LivePrograms.assumePrivateServiceManager();
    coord = new LiveCoordinator(folder);
    service = new InstalledCoordinator(coord, folder);
  }

  @AfterEach
  void remove(TestInfo test) throws Exception {
    if (service != null) {
      keepLog(test, service.log());
      service.remove();
    }
  }

  @Test
  void aStopInterruptsAllAndAStartBringsThemBack() throws Exception {
    service.systemctl("start", TARGET);
    enqueueAll();
    coord.enqueue(
        shell("crashed", "[ $COORD_RUN = 1 ] && exit 3; " + UNTIL_GO)
            .with(RequestField.MAX_CRASHES, "1"));
    coord.awaitExperiment(
        "crashed",
        "in its second run",
        e -> e.path("runs").asInt() == 2 && e.path("state").asText().equals("running"));

    service.systemctl("stop", TARGET);

    // systemctl waits for the target itself only; the experiments come next, then the coordinator.
    service.await("ActiveState", "inactive"::equals);
    for (String id : ALL) {
      assertThat(LivePrograms.property(id, "ActiveState")).isIn("inactive", "failed");
    }
    assertThat(coord.socket()).as("nobody is called by a client either").doesNotExist();

    service.systemctl("start", TARGET);

    for (String id : ALL) {
      JsonNode back = coord.awaitState(id, "running");
      assertThat(back.path("interruptions").asInt()).as(id).isEqualTo(1);
      assertThat(back.path("crashes").asInt()).as(id).isZero();
    }
    JsonNode crashed = coord.awaitState("crashed", "running");
    assertThat(crashed.path("crashes").asInt()).isEqualTo(1);
    assertThat(crashed.path("interruptions").asInt()).isEqualTo(1);
    coord.touch("go");
    for (String id : ALL) {
      assertThat(coord.awaitEnd(id).path("state").asText()).as(id).isEqualTo("completed");
    }
  }

  @Test
  void aRestartStartsAllAgain() throws Exception {
    service.systemctl("start", TARGET);
    enqueueAll();

    service.systemctl("restart", TARGET);

    for (String id : ALL) {
      JsonNode back =
          coord.awaitExperiment(
              id,
              "in its second run",
              e -> e.path("runs").asInt() == 2 && e.path("state").asText().equals("running"));
      assertThat(back.path("interruptions").asInt()).as(id).isEqualTo(1);
      assertThat(back.path("crashes").asInt()).as(id).isZero();
    }
  }

  /** Experiments that end at SIGTERM by that signal, as shells and Python often do, and with 0. */
  private void enqueueAll() throws Exception {
    coord.enqueue(shell("obeys", UNTIL_GO));
    coord.enqueue(shell("answers", "trap 'exit 143' TERM; " + UNTIL_GO));
    coord.enqueue(shell("exits", "trap 'exit 0' TERM; " + UNTIL_GO));
    for (String id : ALL) {
      coord.awaitState(id, "running");
    }
  }
}
