package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.RequestField;
import io.coord.runner.json.Requests;
import io.coord.systemd.cgroup.Cgroup;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.Test;

/** Heat is met in steps, on real cgroups: the kernel's own files say what is in force. */
class ClimateLiveTest extends LiveTest {
  private static final String SLICE = "brain.slice";
  private static final String UNTIL_GO = "until [ -e go ]; do sleep 0.05; done";

  /** What the slice of all experiments may use, in percent of a core; 0 if there is no limit. */
  private static double processor() throws Exception {
    String group =
        LivePrograms.systemctl("show", "--value", "--property=ControlGroup", SLICE).output();
    return new Cgroup(group).processor().flatMap(Cgroup.Limit::value).orElse(0.0);
  }

  private void awaitProcessor(String what, DoublePredicate wanted) throws Exception {
    coord.await("the slice to have " + what, () -> wanted.test(processor()));
  }

  /** Small quotas: with cgroup v1 the kernel refuses a slice less than one of its members has. */
  private void runFour() throws Exception {
    for (String id : new String[] {"a", "b", "c", "d"}) {
      coord.enqueue(shell(id, "echo $$ >" + id + ".up; " + UNTIL_GO).with(RequestField.CPU, "10%"));
    }
    for (String id : new String[] {"a", "b", "c", "d"}) {
      coord.awaitFile(id + ".up");
      coord.awaitState(id, "running");
    }
  }

  @Test
  void theNextCoordinatorTakesTheThrottleOverAndLiftsIt() throws Exception {
    coord.start();
    runFour();
    coord.heat(84);
    awaitProcessor("less than 30 %", percent -> percent > 0 && percent < 30);

    coord.kill();
    assertThat(processor()).isBetween(1.0, 30.0);
    int from = coord.lines().size();
    coord.start();
    assertThat(coord.awaitLine("taken over", from)).contains("set by the previous daemon");
    coord.heat(50);

    awaitProcessor("no limit", percent -> percent == 0);
  }

  @Test
  void whatIgnoresBeingToldToEndIsGoneWithinTheBound() throws Exception {
    coord.set("EMERGENCY_STOP_SECONDS", "6").start();
    Requests deaf =
        shell("deaf", "trap '' TERM; echo $$ >deaf.up; while :; do sleep 0.05; done")
            .with(RequestField.STOP_TIMEOUT, "60s");
    coord.enqueue(deaf);
    coord.awaitFile("deaf.up");
    coord.awaitState("deaf", "running");
    Cgroup group = new Cgroup(LivePrograms.property("deaf", "ControlGroup"));
    assertThat(group.processes()).isNotEmpty();

    coord.heat(86);
    coord.await("the last process to be gone", () -> group.processes().isEmpty());
    coord.awaitState("deaf", "cooling");

    Duration took = stopped("deaf");
    System.out.println("86 °C to the end of one that ignores SIGTERM: " + took.toMillis() + " ms");
    assertThat(took).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void whatHearsIsNotKilled() throws Exception {
    coord.set("EMERGENCY_STOP_SECONDS", "60").start();
    coord.enqueue(
        shell(
            "obedient",
            "trap 'echo told >obedient.told; exit 0' TERM; echo $$ >obedient.up; " + UNTIL_GO));
    coord.awaitFile("obedient.up");
    coord.awaitState("obedient", "running");
    Cgroup group = new Cgroup(LivePrograms.property("obedient", "ControlGroup"));

    coord.heat(86);
    coord.await("the last process to be gone", () -> group.processes().isEmpty());
    coord.awaitState("obedient", "cooling");

    System.out.println("86 °C to the last process: " + stopped("obedient").toMillis() + " ms");
    assertThat(coord.work().resolve("obedient.told")).hasContent("told\n");
  }

  /** From the decision to stop it to its end, as the coordinator has stored it. */
  private Duration stopped(String id) throws Exception {
    Instant told = null;
    Instant gone = null;
    for (JsonNode transition : coord.experiment(id).path("transitions")) {
      Instant at = Instant.parse(transition.path("at").asText());
      switch (transition.path("to").asText()) {
        case "stopping" -> told = at;
        case "cooling" -> gone = at;
        default -> {}
      }
    }
    return Duration.between(Objects.requireNonNull(told), Objects.requireNonNull(gone));
  }
}
