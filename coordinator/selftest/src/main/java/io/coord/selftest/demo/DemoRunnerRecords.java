package io.coord.selftest.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.HarnessException;
import io.coord.selftest.harness.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the experiments recorded themselves: their output, their databases, and the counters of the
 * kernel at the end of each run. None of it went through the coordinator.
 */
final class DemoRunnerRecords {
  private static final Pattern START =
      Pattern.compile(
          "run (\\d+), crash count (\\d+), resume ([01])"
              + "(?:, last cycle (\\d+); (?:starts|resumes) at cycle (\\d+))?");

  private static final String READ_DATABASE =
      """
      import json, sqlite3, sys
      db = sqlite3.connect(sys.argv[1])
      db.row_factory = sqlite3.Row
      print(json.dumps({
          "cycles": [dict(r) for r in db.execute("SELECT * FROM experiment_cycles ORDER BY rowid")],
          "crashes": db.execute("SELECT count(*) FROM planned_crashes").fetchone()[0],
      }))
      """;

  /** In a line of an exit record, which ends in a full stop if it is whole. */
  private static final int OOM_KILLS_FIELD = 6;

  private DemoRunnerRecords() {}

  /** The environment of one run, as it printed it. */
  record Start(int run, int crashCount, int resume, OptionalInt firstCycle) {}

  /** A cycle that the runner has committed. */
  record Cycle(int cycle, Instant started, Instant finished, int run, long pid) {}

  /**
   * The records of one experiment.
   *
   * @param starts one for each process that started, in order
   * @param cycles in the order of their commits; empty without a database
   * @param crashesMade how often the runner crashed on purpose
   * @param oomKills what the kernel counted, for each run; empty where there is no counter
   */
  record Records(
      List<Start> starts, List<Cycle> cycles, int crashesMade, List<OptionalLong> oomKills) {

    /** The cycle that a run must start with, after those that were committed before it. */
    int expectedFirstCycle(int run) {
      return 1 + cycles.stream().filter(c -> c.run() < run).mapToInt(Cycle::cycle).max().orElse(0);
    }
  }

  static Records read(Workspace workspace, ApiClient.Details details) throws InterruptedException {
    String id = details.seen().id();
    try {
      List<Start> starts = new ArrayList<>();
      Matcher start = START.matcher(textOf(details.output()));
      while (start.find()) {
        String firstCycle = start.group(5);
        starts.add(
            new Start(
                Integer.parseInt(start.group(1)),
                Integer.parseInt(start.group(2)),
                Integer.parseInt(start.group(3)),
                firstCycle == null
                    ? OptionalInt.empty()
                    : OptionalInt.of(Integer.parseInt(firstCycle))));
      }
      List<OptionalLong> oomKills = new ArrayList<>();
      textOf(workspace.state().resolve("exits").resolve(id + ".log"))
          .lines()
          .map(line -> line.split("\t", -1))
          .filter(
              fields -> fields.length > OOM_KILLS_FIELD && fields[fields.length - 1].equals("."))
          .map(fields -> fields[OOM_KILLS_FIELD])
          .map(n -> n.matches("\\d+") ? OptionalLong.of(Long.parseLong(n)) : OptionalLong.empty())
          .forEach(oomKills::add);
      Path database = workspace.state().resolve("experiments").resolve(id).resolve("state.db");
      JsonNode node =
          Files.exists(database)
              ? new ObjectMapper().readTree(query(database))
              : new ObjectMapper().createObjectNode();
      List<Cycle> cycles = new ArrayList<>();
      for (JsonNode one : node.path("cycles")) {
        cycles.add(
            new Cycle(
                one.path("cycle_number").asInt(),
                instant(one.path("started_at")),
                instant(one.path("ended_at")),
                one.path("run").asInt(),
                one.path("pid").asLong()));
      }
      return new Records(starts, cycles, node.path("crashes").asInt(), oomKills);
    } catch (IOException e) {
      throw new HarnessException("cannot read the records of '" + id + "'", e);
    }
  }

  private static String textOf(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file) : "";
  }

  private static Instant instant(JsonNode node) {
    return OffsetDateTime.parse(node.asText()).toInstant();
  }

  private static String query(Path database) throws IOException, InterruptedException {
    Process python =
        new ProcessBuilder("python3", "-c", READ_DATABASE, database.toString())
            .redirectErrorStream(true)
            .start();
    python.getOutputStream().close();
    String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (python.waitFor() != 0) {
      throw new IOException("python3 cannot read '" + database + "': " + output.strip());
    }
    return output;
  }
}
