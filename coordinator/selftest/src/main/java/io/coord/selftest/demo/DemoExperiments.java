package io.coord.selftest.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coord.selftest.harness.CommandResult;
import io.coord.selftest.harness.HarnessException;
import io.coord.selftest.harness.PendingCommand;
import io.coord.selftest.harness.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The five experiments. They are enqueued with the command line. */
final class DemoExperiments {
  static final int SLOTS = 2;
  static final int TOTAL_RAM_MIB = 512;

  static final String PLAIN = "plain_001";
  static final String PHOENIX = "phoenix_002";
  static final String GLUTTON = "glutton_003";
  static final String DOOMED = "doomed_004";
  static final String HEATED = "heated_005";

  static final List<String> IDS = List.of(PLAIN, PHOENIX, GLUTTON, DOOMED, HEATED);

  static final int PLAIN_CYCLES = 10;
  static final int PLAIN_RAM_MIB = 128;
  static final int PLAIN_CPU_PERCENT = 60;
  static final int PHOENIX_CYCLES = 10;
  static final int PHOENIX_CRASH_CYCLE = 3;
  static final int PHOENIX_CRASHES = 2;
  static final int GLUTTON_RAM_MIB = 96;
  static final int GLUTTON_MAX_CRASHES = 1;
  static final int DOOMED_MAX_CRASHES = 2;
  static final int DOOMED_EXIT_CODE = 3;
  static final int HEATED_CYCLES = 8;
  static final int HEATED_AFTER_CYCLE = 3;
  static final Duration HEATED_STOP_TIMEOUT = Duration.ofSeconds(5);

  /** Prints what the reference runner prints at its start, and fails. */
  private static final String DOOMED_PROGRAM =
      """
      import os, sys
      values = tuple(os.environ["COORD_" + n] for n in ("RUN", "CRASH_COUNT", "RESUME"))
      print("doomed: run %s, crash count %s, resume %s" % values, flush=True)
      sys.exit(int(sys.argv[1]))
      """;

  private final Workspace workspace;
  private final ObjectMapper json = new ObjectMapper();

  DemoExperiments(Workspace workspace) {
    this.workspace = workspace;
  }

  /**
   * Enqueues all five.
   *
   * @return how long each command took
   */
  List<Duration> enqueue() throws InterruptedException {
    List<Duration> times = new ArrayList<>();
    times.add(plain());
    times.add(phoenix());
    times.add(glutton());
    times.add(doomed());
    times.add(heated());
    return times;
  }

  private Duration plain() throws InterruptedException {
    return config(
        PLAIN,
        "ten cycles without a fault",
        PLAIN_CYCLES,
        "{\"cycle_seconds\": 0.6}",
        "--ram",
        PLAIN_RAM_MIB + "M",
        "--cpu",
        PLAIN_CPU_PERCENT + "%");
  }

  private Duration phoenix() throws InterruptedException {
    return config(
        PHOENIX,
        "crashes twice in cycle 3 and is restarted",
        PHOENIX_CYCLES,
        "{\"cycle_seconds\": 0.6, \"crash_at\": %d, \"crash_times\": %d, \"crash_with\": \"signal:SEGV\"}"
            .formatted(PHOENIX_CRASH_CYCLE, PHOENIX_CRASHES),
        "--ram",
        "128M",
        "--restart-delay",
        "1s");
  }

  private Duration glutton() throws InterruptedException {
    return config(
        GLUTTON,
        "allocates 24 MB in each cycle until it reaches its limit",
        40,
        "{\"cycle_seconds\": 0.5, \"eat_memory\": 24}",
        "--ram",
        GLUTTON_RAM_MIB + "M",
        "--max-crashes",
        Integer.toString(GLUTTON_MAX_CRASHES),
        "--restart-delay",
        "1s");
  }

  private Duration doomed() throws InterruptedException {
    return enqueue(
        DOOMED,
        List.of(
            "--id",
            DOOMED,
            "--ram",
            "64M",
            "--max-crashes",
            Integer.toString(DOOMED_MAX_CRASHES),
            "--restart-delay",
            "500ms",
            "--",
            "python3",
            "-c",
            DOOMED_PROGRAM,
            Integer.toString(DOOMED_EXIT_CODE)));
  }

  /** Requests all of the memory, so it runs alone. */
  private Duration heated() throws InterruptedException {
    return config(
        HEATED,
        "is stopped by heat and restarted when the board is cool",
        HEATED_CYCLES,
        "{\"cycle_seconds\": 0.7}",
        "--ram",
        TOTAL_RAM_MIB + "M",
        "--priority",
        "-10",
        "--stop-timeout",
        HEATED_STOP_TIMEOUT.toSeconds() + "s");
  }

  private Duration config(
      String id, String name, int cycles, String runnerOptions, String... options)
      throws InterruptedException {
    Path file = workspace.experiments().resolve(id + ".json");
    try {
      ObjectNode config = json.createObjectNode();
      config.put("experiment_id", id);
      config.put("name", name);
      config.put("mode", "demonstration");
      config.put("max_cycles", cycles);
      config.put("working_directory", ".");
      config
          .putArray("runner")
          .add("python3")
          .add(workspace.home().resolve("examples/runner.py").toString());
      config.set("reference_runner", json.readTree(runnerOptions));
      Files.writeString(file, config.toPrettyString() + "\n");
    } catch (IOException e) {
      throw new HarnessException("cannot write '" + file + "'", e);
    }
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add(file.toString());
    return enqueue(id, arguments);
  }

  private Duration enqueue(String id, List<String> arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("enqueue"));
    command.addAll(arguments);
    CommandResult result = PendingCommand.begin(workspace, command).end();
    if (result.exitCode() != 0 || !result.output().equals(id)) {
      throw new HarnessException(
          "cannot enqueue '%s': 'coord enqueue' exited with %d and printed '%s' '%s'"
              .formatted(id, result.exitCode(), result.output(), result.errors()));
    }
    return result.took();
  }
}
