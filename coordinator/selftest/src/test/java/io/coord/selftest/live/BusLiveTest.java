package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bus goes away and comes back, and nothing is lost. */
class BusLiveTest extends LiveTest {
  private static final String UNTIL_GO = "until [ -e go ]; do sleep 0.05; done";

  @BeforeEach
  void needsABusOfItsOwn() throws Exception {
    LivePrograms.assumePrivateServiceManager();
  }

  /**
   * Everybody's connection ends; the next who asks for the bus restarts it. Stopped, not killed:
   * systemd 252 goes to a socket that it ought to serve itself and hangs for 90 s if it has not
   * heard yet that the bus is dead (4 of 16 times).
   */
  private static void endBus() throws Exception {
    LivePrograms.Ended stopped = LivePrograms.systemctl("stop", "dbus.service");
    // Cancelled if the coordinator came back for it before it was down: then it ends all the same.
    assertThat(stopped.code() == 0 || stopped.output().contains("canceled"))
        .as(stopped.output())
        .isTrue();
  }

  @Test
  void theCoordinatorFindsTheServiceManagerAgain() throws Exception {
    coord.set("MAX_CONCURRENT_EXPERIMENTS", "2").start();
    RunJournal diary = new RunJournal(coord.work());
    coord.enqueue(shell("through", RunJournal.script("through", UNTIL_GO)));
    coord.enqueue(
        shell("crashing", RunJournal.script("crashing", UNTIL_GO) + "; test $COORD_RUN = 2"));
    coord.enqueue(shell("waiting", RunJournal.script("waiting", ":")));
    coord.awaitState("through", "running");
    coord.awaitState("crashing", "running");

    endBus();
    coord.touch("go");
    coord.enqueue(shell("late", RunJournal.script("late", ":")));
    JsonNode ended = coord.awaitEnd("through", "crashing", "waiting", "late");

    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("completed");
    for (String id : new String[] {"through", "crashing", "waiting"}) {
      assertThat(coord.stateOf(id)).as(id).isEqualTo("completed");
    }
    assertThat(coord.experiment("crashing").path("crashes").asInt()).isEqualTo(1);
    assertThat(diary.beginnings())
        .containsEntry("through", 1)
        .containsEntry("crashing", 2)
        .containsEntry("waiting", 1)
        .containsEntry("late", 1);
    assertThat(coord.isAlive()).isTrue();
    assertThat(coord.get("/v1/status").path("systemd").asText()).isEqualTo("reached");
  }

  @Test
  void aBusThatGoesAwayAgainAndAgainLosesNothing() throws Exception {
    coord.set("MAX_CONCURRENT_EXPERIMENTS", "2").start();
    RunJournal diary = new RunJournal(coord.work());
    String[] ids = {"a", "b", "c", "d", "e", "f"};
    for (String id : ids) {
      coord.enqueue(shell(id, RunJournal.script(id, "sleep 0.2")));
      endBus();
    }
    coord.awaitEnd(ids);

    for (String id : ids) {
      assertThat(coord.stateOf(id)).as(id).isEqualTo("completed");
      assertThat(diary.beginnings()).containsEntry(id, 1);
    }
  }
}
