package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.scheduler.core.event.Event;
import io.coord.server.api.Caller;
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
}
