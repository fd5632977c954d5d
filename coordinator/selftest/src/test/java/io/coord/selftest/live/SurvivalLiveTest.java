package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.RequestField;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The daemon may die at any moment, and no experiment notices. */
class SurvivalLiveTest extends LiveTest {
  private static final String UNTIL_GO = "until [ -e go ]; do sleep 0.05; done";

  @Test
  void whatRunsGoesOnAndIsTakenUpAgain() throws Exception {
    coord.start();
    RunJournal diary = new RunJournal(coord.work());
    coord.enqueue(shell("steady", RunJournal.script("steady", UNTIL_GO)));
    coord.awaitState("steady", "running");
    String pid = LivePrograms.property("steady", "MainPID");

    coord.kill();
    assertThat(LivePrograms.property("steady", "MainPID")).isEqualTo(pid);
    coord.start();

    assertThat(coord.stateOf("steady")).isEqualTo("running");
    assertThat(LivePrograms.property("steady", "MainPID")).isEqualTo(pid);
    coord.touch("go");
    JsonNode ended = coord.awaitEnd("steady");
    assertThat(ended.path("state").asText()).isEqualTo("completed");
    assertThat(ended.path("runs").asInt()).isEqualTo(1);
    assertThat(diary.entries()).hasSize(2);
  }

  @Test
  void whatEndedMeanwhileIsRecordedWithItsCause() throws Exception {
    coord.start();
    coord.enqueue(shell("succeeds", "echo >1.up; " + UNTIL_GO));
    coord.enqueue(
        shell("crashes", "echo >2.up; " + UNTIL_GO + "; test $COORD_RUN = 4 && exit 0; exit 7"));
    coord.enqueue(
        shell("fails", "echo >3.up; " + UNTIL_GO + "; kill -SEGV $$")
            .with(RequestField.MAX_CRASHES, "2"));
    coord.enqueue(
        python(
                "eats",
                """
                import os, time
                open('4.up', 'w').write('\\n')
                while not os.path.exists('go'): time.sleep(0.05)
                a = []
                while True: a.append(bytearray(b'x' * (1 << 20)))
                """)
            .with(RequestField.RAM, "48M")
            .with(RequestField.MAX_CRASHES, "0"));
    for (int i = 1; i <= 4; i++) {
      coord.awaitFile(i + ".up");
    }
    for (String id : List.of("succeeds", "crashes", "fails", "eats")) {
      coord.awaitState(id, "running");
    }

    coord.kill();
    coord.touch("go");
    // A succeeded unit is unloaded, a failed one stays and says so.
    for (String id : List.of("succeeds", "crashes", "fails", "eats")) {
      coord.await(
          "the unit of '" + id + "' to be down",
          () -> List.of("inactive", "failed").contains(LivePrograms.property(id, "ActiveState")));
    }
    coord.start();

    assertThat(coord.awaitEnd("succeeds").path("state").asText()).isEqualTo("completed");
    assertThat(coord.awaitEnd("crashes").path("state").asText()).isEqualTo("completed");
    assertThat(coord.awaitEnd("fails").path("state").asText()).isEqualTo("failed");
    assertThat(coord.awaitEnd("eats").path("state").asText()).isEqualTo("failed");
    assertThat(RunRow.of(coord.database(), "crashes"))
        .extracting(RunRow::number, RunRow::kind, RunRow::cause)
        .containsExactly(
            tuple(1, "crash", "exit_code"),
            tuple(2, "crash", "exit_code"),
            tuple(3, "crash", "exit_code"),
            tuple(4, "success", "success"));
    assertThat(RunRow.of(coord.database(), "fails"))
        .extracting(RunRow::cause)
        .containsExactly("signal", "signal", "signal");
    assertThat(RunRow.of(coord.database(), "eats"))
        .extracting(RunRow::cause)
        .containsExactly("out_of_memory");
    assertThat(coord.experiment("fails").path("reason").asText())
        .containsAnyOf("restart limit reached", "restarts allowed", "not restarted after");
  }

  @Test
  void theQueueIsAsItWas() throws Exception {
    coord.set("MAX_CONCURRENT_EXPERIMENTS", "1").start();
    RunJournal diary = new RunJournal(coord.work());
    coord.enqueue(shell("blocker", RunJournal.script("blocker", UNTIL_GO)));
    coord.awaitState("blocker", "running");
    for (String[] one : new String[][] {{"a", "0"}, {"b", "7"}, {"c", "0"}, {"d", "7"}}) {
      coord.enqueue(
          shell(one[0], RunJournal.script(one[0], ":")).with(RequestField.PRIORITY, one[1]));
    }
    assertThat(coord.say("hold", "c").code()).isZero();
    JsonNode before = coord.get("/v1/experiments");

    coord.kill();
    coord.start();

    assertThat(coord.get("/v1/experiments")).isEqualTo(before);
    assertThat(coord.stateOf("c")).isEqualTo("held");
    coord.touch("go");
    coord.awaitEnd("a", "b", "d");
    assertThat(diary.order()).containsExactly("blocker", "b", "d", "a");
    assertThat(coord.say("release", "c").code()).isZero();
    assertThat(coord.awaitEnd("c").path("state").asText()).isEqualTo("completed");
  }

  @Test
  void anIdThatWasPrintedIsNeverLost() throws Exception {
    // Nothing may start, so that each stays as it was enqueued.
    coord.heat(80);
    for (int i = 0; i < 10; i++) {
      coord.start();
      LiveCoordinator.CommandResult said =
          coord.say("enqueue", "--ram", "64M", "--", "sh", "-c", "echo " + i + " >>ran");
      coord.kill();
      assertThat(said.code()).as("%s", said).isZero();
      assertThat(RunRow.crashes(coord.database(), said.out().strip())).isZero();
    }
    coord.heat(45);
    coord.start();

    List<String> ids = new ArrayList<>();
    coord.get("/v1/experiments").forEach(e -> ids.add(e.path("id").asText()));
    assertThat(ids).hasSize(10).doesNotHaveDuplicates();
    coord.awaitEnd(ids.toArray(String[]::new));
    assertThat(Files.readAllLines(coord.work().resolve("ran")))
        .containsExactlyInAnyOrder("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
  }

  @Test
  void aDaemonThatIsToldToEndLeavesExperimentsRunning() throws Exception {
    coord.start();
    coord.enqueue(shell("lasting", UNTIL_GO));
    coord.awaitState("lasting", "running");
    String pid = LivePrograms.property("lasting", "MainPID");

    // 143 is what a JVM makes of SIGTERM.
    assertThat(coord.terminate()).isIn(0, 143);

    assertThat(coord.socket()).doesNotExist();
    assertThat(LivePrograms.property("lasting", "ActiveState")).isEqualTo("active");
    assertThat(LivePrograms.property("lasting", "MainPID")).isEqualTo(pid);
    coord.start();
    coord.touch("go");
    assertThat(coord.awaitEnd("lasting").path("state").asText()).isEqualTo("completed");
    assertThat(coord.experiment("lasting").path("runs").asInt()).isEqualTo(1);
  }

  @Test
  void aSecondDaemonRefusesAndTheFirstIsUnharmed() throws Exception {
    coord.start();
    coord.enqueue(shell("guarded", UNTIL_GO));
    coord.awaitState("guarded", "running");
    int from = coord.lines().size();

    int code = coord.startAndExpectEnd();

    assertThat(code).isNotZero();
    assertThat(coord.awaitLine("another coordinator does; this one ends", from))
        .contains(coord.state().toString());
    assertThat(coord.isAlive()).isTrue();
    coord.touch("go");
    assertThat(coord.awaitEnd("guarded").path("state").asText()).isEqualTo("completed");
    assertThat(coord.experiment("guarded").path("runs").asInt()).isEqualTo(1);
  }

  @Test
  void aDaemonWithAnotherStateFolderDoesNotTakeTheSocketOfTheFirst() throws Exception {
    coord.start();
    coord.enqueue(shell("guarded", UNTIL_GO));
    coord.awaitState("guarded", "running");
    int from = coord.lines().size();

    int code = coord.startAndExpectEnd(coord.work().resolve("other-state"));

    assertThat(code).isNotZero();
    coord.awaitLine("another coordinator is running", from);
    coord.touch("go");
    assertThat(coord.awaitEnd("guarded").path("state").asText()).isEqualTo("completed");
  }
}
