package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.RequestField;
import io.coord.runner.json.Requests;
import org.junit.jupiter.api.Test;

/** Heat stops experiments and gives them back. */
class HeatLiveTest extends LiveTest {

  /** Ends in its first run only if it is told to, in its second by itself. */
  private Requests patient(String id) {
    return shell(
        id,
        "echo $$ >%s.run$COORD_RUN; test $COORD_RUN = 2 && exit 0; until [ -e go ]; do sleep 0.05; done"
            .formatted(id));
  }

  private void awaitThermal(String state) throws Exception {
    coord.await(
        "the board to be " + state,
        () -> coord.get("/v1/status").path("thermal").path("state").asText().equals(state));
  }

  @Test
  void aboveTheCriticalTemperatureAllAreStoppedAndComeBackWhenItIsCool() throws Exception {
    coord.start();
    coord.enqueue(patient("warm"));
    coord.enqueue(patient("warmer"));
    coord.awaitFile("warm.run1");
    coord.awaitFile("warmer.run1");

    coord.heat(86);
    coord.awaitState("warm", "cooling");
    coord.awaitState("warmer", "cooling");
    assertThat(LivePrograms.property("warm", "ActiveState")).isEqualTo("inactive");
    assertThat(coord.experiment("warm").path("reason").asText()).contains("86 °C");

    coord.heat(50);
    JsonNode ended = coord.awaitEnd("warm", "warmer");

    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("completed");
    for (String id : new String[] {"warm", "warmer"}) {
      assertThat(coord.experiment(id).path("crashes").asInt()).isZero();
      assertThat(coord.experiment(id).path("interruptions").asInt()).isEqualTo(1);
      assertThat(RunRow.of(coord.database(), id))
          .extracting(RunRow::kind, RunRow::cause)
          .containsExactly(tuple("interruption", "heat"), tuple("success", "success"));
    }
  }

  @Test
  void aboveTheThrottleTemperatureWhatRunsGoesOnAndNothingStarts() throws Exception {
    coord.start();
    coord.enqueue(patient("running"));
    coord.awaitFile("running.run1");

    coord.heat(76);
    awaitThermal("throttled");
    coord.enqueue(patient("later"));
    coord.touch("go");
    // Its end is an occasion to start the next: also then nothing starts.
    assertThat(coord.awaitEnd("running").path("state").asText()).isEqualTo("completed");
    JsonNode later = coord.experiment("later");
    assertThat(later.path("state").asText()).isEqualTo("queued");
    assertThat(later.path("reason").asText()).contains("76 °C").contains("starts are limited");
    assertThat(later.path("runs").asInt()).isZero();

    coord.heat(50);
    assertThat(coord.awaitEnd("later").path("state").asText()).isEqualTo("completed");
  }

  @Test
  void whatAnOperatorStopsWhileItCoolsStaysStopped() throws Exception {
    coord.start();
    coord.enqueue(patient("unwanted"));
    coord.enqueue(patient("wanted"));
    coord.awaitFile("unwanted.run1");
    coord.awaitFile("wanted.run1");
    coord.heat(86);
    coord.awaitState("unwanted", "cooling");
    coord.awaitState("wanted", "cooling");

    assertThat(coord.say("stop", "unwanted").code()).isZero();
    coord.heat(50);

    assertThat(coord.awaitEnd("wanted").path("state").asText()).isEqualTo("completed");
    assertThat(coord.stateOf("unwanted")).isEqualTo("stopped");
    assertThat(coord.work().resolve("unwanted.run2")).doesNotExist();
  }

  @Test
  void aCoordinatorThatIsStartedOnAHotBoardStartsNothing() throws Exception {
    coord.heat(90);
    coord.start();

    coord.enqueue(patient("early").with(RequestField.PRIORITY, "5"));
    awaitThermal("critical");

    assertThat(coord.stateOf("early")).isEqualTo("queued");
    assertThat(RunRow.of(coord.database(), "early")).isEmpty();
    coord.heat(50);
    coord.touch("go");
    assertThat(coord.awaitEnd("early").path("state").asText()).isEqualTo("completed");
  }

  @Test
  void heatThatLastsOverTheDeathOfTheCoordinatorIsWaitedOut() throws Exception {
    coord.start();
    coord.enqueue(patient("hot"));
    coord.awaitFile("hot.run1");
    coord.heat(86);
    coord.awaitState("hot", "cooling");
    coord.kill();
    coord.start();
    awaitThermal("critical");
    assertThat(coord.stateOf("hot")).isEqualTo("cooling");

    coord.heat(50);
    assertThat(coord.awaitEnd("hot").path("state").asText()).isEqualTo("completed");
    assertThat(coord.experiment("hot").path("crashes").asInt()).isZero();
  }
}
