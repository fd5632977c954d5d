package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.RequestField;
import io.coord.runner.json.Requests;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Success is a claim that a command of the user's checks, in the unit, whoever watches. */
class ChecksLiveTest extends LiveTest {
  private static final String UNTIL_GO = "until [ -e go ]; do sleep 0.05; done; ";

  private Requests checked(String id, String script, String check) {
    return shell(id, script)
        .withAll(RequestField.SUCCESS_COMMAND, List.of("sh", "-c", check, "sh", "$HOME %n; 'x'"));
  }

  private void assertEnd(String id, String state, String reason) throws Exception {
    JsonNode ended = coord.awaitEnd(id);
    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo(state);
    assertThat(ended.path("reason").asText()).contains(reason);
    assertThat(ended.path("crashes").asInt()).as("%s", ended).isZero();
    assertThat(ended.path("run_list").size()).as("%s", ended).isEqualTo(1);
  }

  @Test
  void whatTheCheckSaysDecides() throws Exception {
    coord.start();
    String check = "echo \"checks $1\"; exec test \"$(cat $COORD_EXPERIMENT_ID.out)\" = good";

    coord.enqueue(checked("passes", "echo good >passes.out", check));
    coord.enqueue(checked("fails", "echo bad >fails.out", check));
    coord.enqueue(
        checked("hangs", "exit 0", "exec sleep 1000").with(RequestField.STOP_TIMEOUT, "3s"));

    assertEnd("passes", "completed", "ended with exit code 0");
    assertEnd("fails", "failed", "incomplete: the check 'sh -c echo");
    assertEnd("fails", "failed", "ended with exit code 1");
    assertEnd("hangs", "failed", "did not end within 2s");
    assertThat(coord.say("logs", "passes").out()).isEqualTo("checks $HOME %n; 'x'\n");
  }

  @Test
  void whatWasCheckedWhileTheDaemonWasAwayCounts() throws Exception {
    coord.start();
    coord.enqueue(checked("passes", UNTIL_GO, "echo >checked.1"));
    coord.enqueue(checked("fails", UNTIL_GO, "echo >checked.2; exit 3"));
    coord.awaitState("passes", "running");
    coord.awaitState("fails", "running");

    coord.kill();
    coord.touch("go");
    coord.awaitFile("checked.1");
    coord.awaitFile("checked.2");
    coord.start();

    assertEnd("passes", "completed", "ended with exit code 0");
    assertEnd("fails", "failed", "ended with exit code 3");
  }

  @Test
  void aCheckThatIsNotThereIsRefusedAtOnce() throws Exception {
    coord.start();

    LiveCoordinator.CommandResult said =
        coord.say("enqueue", "--id", "typo", "--success-command", "test -s out", "--", "true");

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.error()).contains("success_command: 'test -s out' is not found in PATH");
    assertThat(coord.get("/v1/experiments").size()).isZero();
  }
}
