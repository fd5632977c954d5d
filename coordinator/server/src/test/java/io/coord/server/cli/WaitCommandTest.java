package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coord.scheduler.core.event.Event;
import io.coord.server.api.Caller;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code coord wait} never waits in silence for something that only a person can do. */
class WaitCommandTest extends CommandLines {

  /** Stops an experiment as soon as something is reported. */
  private final class StopsAtReport extends Heard {
    private final String id;

    StopsAtReport(String id) {
      this.id = id;
    }

    @Override
    public void error(String line) {
      super.error(line);
      loop.post(new Event.StopAsked(1_000_000, id, "ada"));
    }
  }

  @Test
  void reportsThatItIsHeld() {
    coord("drain");
    coord("enqueue", "--id", "x", "--", "true");
    coord("hold", "x");
    assertThat(waitFor("x", "x")).isEqualTo(3);
    assertThat(heard.errors).containsExactly("waiting for 'x': held: held by ada");
  }

  @Test
  void reportsThatADependencyIsHeld() {
    coord("drain");
    coord("enqueue", "--id", "x", "--", "true");
    coord("hold", "x");
    coord("enqueue", "--id", "y", "--after", "x", "--", "true");
    assertThat(waitFor("y", "y")).isEqualTo(3);
    assertThat(heard.errors)
        .containsExactly("waiting for 'y': waits for 'x', which is held: held by ada");
  }

  @Test
  void reportsThatTheQueueIsDraining() {
    coord("drain");
    coord("enqueue", "--id", "x", "--", "true");
    assertThat(waitFor("x", "x")).isEqualTo(3);
    assertThat(heard.errors)
        .containsExactly("waiting for 'x': draining: no experiment starts until 'coord resume'");
  }

  private int waitFor(String id, String stopped) {
    heard = new StopsAtReport(stopped);
    return service.run(
        new CommandLineRequest(List.of("wait", id), "/home/ada", 80, Map.of(), Map.of()),
        new Caller("ada", true),
        heard);
  }

  @Test
  void checksAllIdsBeforeItWaits() {
    coord("drain");
    coord("enqueue", "--id", "x", "--", "true");

    assertThat(coord("wait", "x", "nosuch", "none")).isEqualTo(2);

    assertThat(heard.errors)
        .containsExactly(
            "coord: cannot wait for 'nosuch': no such experiment; see 'coord list'",
            "coord: cannot wait for 'none': no such experiment; see 'coord list'");
  }

  @Test
  void answersInOneJsonDocumentWhateverItRefuses() throws Exception {
    assertThat(coord("wait", "--json", "nosuch", "none")).isEqualTo(2);

    JsonNode refusals = new ObjectMapper().readTree(heard.text.toString());
    assertThat(refusals)
        .extracting(one -> one.path("id").asText())
        .containsExactly("nosuch", "none");
    assertThat(refusals).allMatch(one -> one.path("code").asText().equals("unknown-id"));
    coord("wait", "--json", "nosuch");
    assertThat(new ObjectMapper().readTree(heard.text.toString()).path("code").asText())
        .isEqualTo("unknown-id");
  }

  @Test
  void waitsForTheFirstThatEnds() {
    coord("drain");
    coord("enqueue", "--id", "x", "--", "true");
    coord("enqueue", "--id", "y", "--", "true");
    coord("stop", "y");

    assertThat(coord("wait", "--any", "x", "y")).isEqualTo(3);

    assertThat(heard.text.toString()).startsWith("y stopped: ").doesNotContain("x ");
    assertThat(heard.resumed).containsExactly("wait", "--printed", "0", "--any", "x", "y");
  }

  @Test
  void endsWithTheTimeout() {
    coord("drain");
    coord("enqueue", "--id", "x", "--", "true");

    assertThat(coord("wait", "--timeout", "0s", "x")).isEqualTo(75);

    assertThat(heard.errors).last().asString().contains("'x' has not ended within the timeout");
    coord("stop", "x");
    assertThat(coord("wait", "--timeout", "99999999999999999d", "x")).isEqualTo(3);
    assertThat(coord("wait", "--timeout", "soon", "x")).isEqualTo(2);
    assertThat(heard.errors)
        .containsExactly("coord: --timeout is a time such as 90s or 2h, not 'soon'");
  }

  @Test
  void whatContinuesItAfterARestartPrintsTheRestAndKnowsTheResult() {
    coord("drain");
    for (String id : List.of("x", "y")) {
      coord("enqueue", "--id", id, "--", "true");
      coord("stop", id);
    }
    coord("wait", "--timeout", "1h", "x", "y");
    List<String> resumed = heard.resumed;
    assertThat(resumed).startsWith("wait", "--printed", "1", "--until").endsWith("x", "y");

    assertThat(coord(resumed.toArray(String[]::new))).isEqualTo(3);

    assertThat(heard.text.toString()).startsWith("y stopped: ");
  }

  @Test
  void aDaemonThatStopsEndsNeitherAWaitNorAFollowedLog() {
    coord("drain");
    coord("enqueue", "--id", "x", "--", "true");
    for (String command : List.of("wait", "logs -f")) {
      Thread.currentThread().interrupt();
      String[] words = (command + " x").split(" ");
      assertThatThrownBy(() -> coord(words))
          .as(command)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("stopping");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(heard.resumed).as(command).isNotEmpty();
    }
  }
}
