package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.RequestField;
import io.coord.runner.json.Requests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Crashes are counted, with cause, time, run and cycle; the next run is told of them. */
class CrashesLiveTest extends LiveTest {
  /** A shell function that reports a cycle, as a systemd service does. */
  private static final String REPORT =
      // It waits until systemd has read it: of a process that is gone by then, it would not know
      // whose
      // report that is.
      "report() { systemd-notify --status=\"cycle $1\"; }\n";

  /** Time enough for the report of a run to be read before the next run wipes it. */
  private static final String A_MOMENT = "500ms";

  private void assertCrashes(List<RunRow> runs, String cause, String detail, Instant from) {
    assertThat(runs).extracting(RunRow::number).containsExactly(1, 2);
    assertThat(runs).extracting(RunRow::invocation).doesNotHaveDuplicates();
    assertThat(runs).extracting(RunRow::kind).containsOnly("crash");
    assertThat(runs).extracting(RunRow::cause).containsOnly(cause);
    assertThat(runs).allSatisfy(run -> assertThat(run.detail()).contains(detail));
    assertThat(runs).allSatisfy(run -> assertThat(run.startedAt()).isAfterOrEqualTo(from));
    assertThat(runs)
        .allSatisfy(run -> assertThat(run.endedAt()).isBetween(run.startedAt(), Instant.now()));
  }

  @Test
  void anExitCodeIsACrashWithItsRunAndCycle() throws Exception {
    coord.start();
    Instant from = Instant.now().minusMillis(1);

    coord.enqueue(
        shell("exits", REPORT + "report $((COORD_RUN * 3))/9; exit $((COORD_RUN + 40))")
            .with(RequestField.MAX_CRASHES, "1")
            .with(RequestField.RESTART_DELAY, A_MOMENT));
    JsonNode ended = coord.awaitEnd("exits");

    assertThat(ended.path("state").asText()).isEqualTo("failed");
    assertThat(ended.path("reason").asText()).contains("exit code 42 (crash 2, ");
    List<RunRow> runs = RunRow.of(coord.database(), "exits");
    assertCrashes(runs, "exit_code", "exit code 4", from);
    assertThat(runs).extracting(RunRow::detail).containsExactly("exit code 41", "exit code 42");
    assertThat(runs).extracting(RunRow::cycle).containsExactly(3, 6);
    assertThat(RunRow.crashes(coord.database(), "exits")).isEqualTo(2);
  }

  @Test
  void aSignalIsACrashNamedByTheSignal() throws Exception {
    coord.start();
    Instant from = Instant.now().minusMillis(1);

    coord.enqueue(shell("segv", "kill -SEGV $$").with(RequestField.MAX_CRASHES, "1"));
    JsonNode ended = coord.awaitEnd("segv");

    assertThat(ended.path("state").asText()).isEqualTo("failed");
    assertCrashes(RunRow.of(coord.database(), "segv"), "signal", "signal SEGV", from);
    assertThat(RunRow.crashes(coord.database(), "segv")).isEqualTo(2);
  }

  @Test
  void theKernelsOutOfMemoryKillerIsACrashOfItsOwnCause() throws Exception {
    coord.start();
    Instant from = Instant.now().minusMillis(1);

    coord.enqueue(
        python("glutton", "a = []\nwhile True: a.append(bytearray(b'x' * (1 << 20)))")
            .with(RequestField.RAM, "48M")
            .with(RequestField.MAX_CRASHES, "1"));
    JsonNode ended = coord.awaitEnd("glutton");

    assertThat(ended.path("state").asText()).isEqualTo("failed");
    assertCrashes(RunRow.of(coord.database(), "glutton"), "out_of_memory", "out of memory", from);
    assertThat(RunRow.crashes(coord.database(), "glutton")).isEqualTo(2);
    assertThat(ended.path("run_list").path(0).path("memory_peak_bytes").asLong())
        .isBetween(24L << 20, 48L << 20);
  }

  @Test
  void threeRestartsAreTheDefault() throws Exception {
    coord.start();

    coord.enqueue(shell("hopeless", "exit 1"));
    JsonNode ended = coord.awaitEnd("hopeless");

    assertThat(ended.path("state").asText()).isEqualTo("failed");
    assertThat(ended.path("reason").asText())
        .containsAnyOf("restart limit reached", "not restarted after");
    assertThat(RunRow.of(coord.database(), "hopeless"))
        .extracting(RunRow::cause)
        .containsExactly("exit_code", "exit_code", "exit_code", "exit_code");
  }

  @Test
  void aWrongConfigurationIsNotTriedAgain() throws Exception {
    coord.start();

    coord.enqueue(shell("misconfigured", "exit 78"));
    JsonNode ended = coord.awaitEnd("misconfigured");

    assertThat(ended.path("state").asText()).isEqualTo("failed");
    assertThat(RunRow.of(coord.database(), "misconfigured")).hasSize(1);
  }

  @Test
  void eachRunOfTheReferenceRunnerIsToldOfThoseBeforeIt() throws Exception {
    coord.start();

    coord.enqueue(reference("phoenix", "--crash-at 3 --crash-times 2"));
    JsonNode ended = coord.awaitEnd("phoenix");

    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("completed");
    assertThat(ended.path("cycle").asInt()).isEqualTo(4);
    assertThat(reportedTo("phoenix", 1)).isEqualTo(context("phoenix", 1, 0, 0, 0));
    assertThat(reportedTo("phoenix", 2)).isEqualTo(context("phoenix", 2, 1, 1, 2));
    assertThat(reportedTo("phoenix", 3)).isEqualTo(context("phoenix", 3, 2, 1, 2));
    assertThat(coord.work().resolve("phoenix.run4")).doesNotExist();
    assertThat(RunRow.of(coord.database(), "phoenix"))
        .extracting(RunRow::cycle)
        .as("run 2 crashed before it reported a cycle of its own")
        .containsExactly(2, null, 4);
  }

  @Test
  void theRunsThatBeginWhileNobodyWatchesAreToldTheSame() throws Exception {
    coord.start();
    coord.enqueue(reference("orphan", "--crash-at 3 --crash-times 2 --cycle-seconds 0.3"));
    coord.awaitExperiment("orphan", "in cycle 2", e -> e.path("cycle").asInt() == 2);
    Path reported = coord.runtime().resolve("instances/orphan.base");
    coord.await(
        "cycle 2 to be told", () -> Files.readString(reported).contains("LAST_CYCLE=\"2\""));
    coord.kill();

    coord.awaitFile("orphan.run3");
    coord.start();
    JsonNode ended = coord.awaitEnd("orphan");

    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("completed");
    assertThat(reportedTo("orphan", 1)).isEqualTo(context("orphan", 1, 0, 0, 0));
    assertThat(reportedTo("orphan", 2)).isEqualTo(context("orphan", 2, 1, 1, 2));
    assertThat(reportedTo("orphan", 3)).isEqualTo(context("orphan", 3, 2, 1, 2));
    assertThat(RunRow.of(coord.database(), "orphan"))
        .extracting(RunRow::kind)
        .containsExactly("crash", "crash", "success");
    assertThat(RunRow.crashes(coord.database(), "orphan")).isEqualTo(2);
  }

  /** The reference runner with four cycles, after it has written down what it was told. */
  private Requests reference(String id, String options) throws Exception {
    Path runner = Path.of("../..", "examples", "runner.py").toRealPath();
    Files.writeString(
        coord.work().resolve(id + ".json"),
        "{\"experiment_id\": \"%s\", \"max_cycles\": 4}".formatted(id));
    return shell(
            id,
            "env | grep ^COORD_ >told.$$ && mv told.$$ %s.run$COORD_RUN;".formatted(id)
                + " exec python3 '%s' --config %s.json --db %s.db --cycle-seconds 0.05 %s"
                    .formatted(runner, id, id, options))
        .with(RequestField.RESTART_DELAY, A_MOMENT);
  }

  private Map<String, String> reportedTo(String id, int run) throws Exception {
    Map<String, String> reported = new TreeMap<>();
    for (String line : Files.readAllLines(coord.work().resolve(id + ".run" + run))) {
      reported.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
    }
    return reported;
  }

  private static Map<String, String> context(
      String id, int run, int crashes, int resume, int lastCycle) {
    return new TreeMap<>(
        Map.of(
            "COORD_EXPERIMENT_ID", id,
            "COORD_RUN", Integer.toString(run),
            "COORD_CRASH_COUNT", Integer.toString(crashes),
            "COORD_RESUME", Integer.toString(resume),
            "COORD_LAST_CYCLE", Integer.toString(lastCycle)));
  }
}
