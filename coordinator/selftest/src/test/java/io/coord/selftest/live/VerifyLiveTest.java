package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.RequestField;
import io.coord.runner.json.Requests;
import io.coord.systemd.cgroup.Cgroup;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is measured of a real installation, from a checkout, and the budget of all experiments. */
class VerifyLiveTest extends LiveTest {
  private static final String SLICE = "brain.slice";
  private static final double GIB = 1L << 30;

  private JsonNode fact(String name) throws Exception {
    for (JsonNode fact : coord.get("/v1/verify").path("facts")) {
      if (fact.path("name").asText().equals(name)) {
        return fact;
      }
    }
    throw new AssertionError("no fact '" + name + "': " + coord.get("/v1/verify"));
  }

  private String measured(String name) throws Exception {
    return fact(name).path("measured").asText();
  }

  private String severity(String name) throws Exception {
    return fact(name).path("severity").asText();
  }

  private static Cgroup slice() throws Exception {
    return new Cgroup(
        LivePrograms.systemctl("show", "--value", "--property=ControlGroup", SLICE).output());
  }

  private void run(String id) throws Exception {
    coord.enqueue(
        Requests.forCommand(List.of("sleep", "1000"))
            .with(RequestField.ID, id)
            .with(RequestField.RAM, "128M")
            .with(RequestField.WORKING_DIRECTORY, coord.work().toString()));
    coord.awaitState(id, "running");
  }

  @Test
  void whatAllExperimentsHaveTogetherIsTheKernelsLimit() throws Exception {
    coord.start();
    // From the first run on, if the slice is not there yet.
    assertThat(measured("slice-memory")).startsWith("1G");
    run("one");
    assertThat(slice().memory().orElseThrow().value()).hasValue(GIB);
    assertThat(measured("slice-memory")).isEqualTo("1G");
    assertThat(measured("experiment-limits")).isEqualTo("1 of 1 as requested");

    coord.terminate();
    coord.set("TOTAL_RAM_LIMIT_GB", "0.5").start();
    coord.await(
        "the new total",
        () -> slice().memory().orElseThrow().value().filter(now -> now == GIB / 2).isPresent());
    assertThat(coord.stateOf("one")).isEqualTo("running");
    assertThat(severity("slice-memory")).isEqualTo("ok");

    LivePrograms.systemctl(
        "set-property", "--runtime", "brain-experiment@one.service", "MemoryMax=64M");
    assertThat(severity("experiment-limits")).isEqualTo("fault");
    assertThat(measured("experiment-limits")).contains("one: memory 64M, requested 128M");
    assertThat(coord.say("verify").code()).isEqualTo(1);
  }

  @Test
  void coresAreSetAndToldAsTheKernelHasThem() throws Exception {
    coord.set("EXPERIMENT_CORES", "0").start();
    run("pinned");
    assertThat(LivePrograms.systemctl("show", "--value", "--property=AllowedCPUs", SLICE).output())
        .isEqualTo("0");
    if (Cgroup.isVersion2()) {
      assertThat(measured("slice-cores")).isEqualTo("0");
      assertThat(slice().cores()).hasValue("0");
    } else {
      assertThat(severity("slice-cores")).isEqualTo("warning");
      assertThat(measured("slice-cores")).startsWith("not enforced");
      assertThat(coord.lines())
          .filteredOn(line -> line.contains("EXPERIMENT_CORES"))
          .as("told once")
          .hasSize(1);
    }
  }

  @Test
  void aCheckoutWorksAndSaysWhatAPackageWouldAdd() throws Exception {
    coord.start();
    LiveCoordinator.CommandResult said = coord.say("verify");
    System.out.println(said.out());
    assertThat(said.out()).contains("✓ unit brain.slice: loaded").contains("✓ bus-rights");
    assertThat(severity("unit brain-experiment@.service")).isEqualTo("ok");
    assertThat(severity("coordinator-memory")).isEqualTo("warning");
    assertThat(severity("socket")).isEqualTo("ok");
    assertThat(severity("sensors")).isEqualTo("ok");
    assertThat(measured("database-durability")).startsWith("wal, full, schema ");
  }
}
