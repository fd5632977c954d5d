package io.coord.selftest.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.RequestField;
import io.coord.runner.json.Requests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A whole queue, and the daemon killed again and again while it is worked off. */
class ChaosLiveTest extends LiveTest {

  /** {@code script/test --all} kills it 50 times. */
  private static final int KILLS = Integer.getInteger("coord.kills", 20);

  private static final int EXPERIMENTS = KILLS * 3 / 5;
  private static final int SLOTS = 3;

  /** A daemon that finds work says so many lines until the work is under way. */
  private static final int MAX_LOG_LINES = 8;

  /** Ends, restarts and starts that one death of the daemon lets happen. */
  private static final int MAX_DIARY_LINES = 6;

  private final long seed = Long.getLong("coord.seed", 20261121L);
  private final Random random = new Random(seed);

  /** How an experiment ends, and how its runs do on the way. */
  private enum Kind {
    STEADY("completed", "success"),
    CRASHES_ONCE("completed", "crash success"),
    CRASHES_ALWAYS("failed", "crash crash"),
    CLAIMS_TOO_MUCH("failed", "success");

    private final String state;
    private final String ends;

    Kind(String state, String ends) {
      this.state = state;
      this.ends = ends;
    }

    private List<String> ends() {
      return List.of(ends.split(" ", -1));
    }
  }

  /** Its first run lasts until the daemon has died so often. */
  private Requests request(String id, Kind kind, int deaths) {
    String work = "until [ -e killed" + deaths + " ]; do sleep 0.05; done";
    String tail =
        switch (kind) {
          case STEADY, CLAIMS_TOO_MUCH -> "";
          case CRASHES_ONCE -> "; [ $COORD_RUN -gt 1 ]";
          case CRASHES_ALWAYS -> "; exit 7";
        };
    Requests request =
        // A word of its own: commands that differ only in numbers are held once many of them fail.
        shell(id, ": " + inLetters(id) + "; " + RunJournal.script(id, work) + tail)
            .with(RequestField.RAM, "32M")
            .with(RequestField.MAX_CRASHES, "1");
    return kind == Kind.CLAIMS_TOO_MUCH
        ? request.with(RequestField.SUCCESS_FILE, coord.work().resolve("never").toString())
        : request;
  }

  private static String inLetters(String id) {
    StringBuilder letters = new StringBuilder();
    id.chars().forEach(c -> letters.append((char) (c >= '0' && c <= '9' ? c - '0' + 'a' : c)));
    return letters.toString();
  }

  @Test
  @Timeout(3 * HANG_SECONDS)
  void eachEndsAsItShouldWhateverMomentTheDaemonIsKilledAt() throws Exception {
    System.out.println("ChaosLiveTest: -Dcoord.seed=" + seed);
    coord.set("MAX_CONCURRENT_EXPERIMENTS", Integer.toString(SLOTS)).start();
    RunJournal diary = new RunJournal(coord.work());
    Map<String, Kind> kinds = new LinkedHashMap<>();
    for (int i = 0; i < EXPERIMENTS; i++) {
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      int deaths = 1 + i * KILLS / EXPERIMENTS;
      kinds.put(coord.enqueue(request("short" + i, kind, deaths)), kind);
    }

    int began = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      awaitMoment(diary, began);
      coord.kill();
      coord.touch("killed" + kill);
      began = coord.lines().size();
      coord.begin();
    }
    coord.awaitLine(LiveCoordinator.READY, began);
    coord.awaitEnd(kinds.keySet().toArray(String[]::new));

    for (Map.Entry<String, Kind> one : kinds.entrySet()) {
      assertEndedAsItShould(one.getKey(), one.getValue(), diary);
    }
    assertThat(diary.moments())
        .as("seed %d", seed)
        .allSatisfy(
            together -> {
              assertThat(together).hasSizeLessThanOrEqualTo(SLOTS);
              assertThat(together.values()).allSatisfy(pids -> assertThat(pids).hasSize(1));
            });
  }

  private void assertEndedAsItShould(String id, Kind kind, RunJournal diary) throws Exception {
    JsonNode experiment = coord.experiment(id);
    List<String> ends = new ArrayList<>();
    experiment.path("run_list").forEach(run -> ends.add(run.path("end").asText()));
    String as = "seed %d, %s: %s".formatted(seed, kind, experiment);
    assertThat(experiment.path("state").asText()).as(as).isEqualTo(kind.state);
    assertThat(ends).as(as).isEqualTo(kind.ends());
    assertThat(experiment.path("runs").asInt()).as(as).isEqualTo(kind.ends().size());
    assertThat(experiment.path("crashes").asLong())
        .as(as)
        .isEqualTo(kind.ends().stream().filter("crash"::equals).count());
    assertThat(experiment.path("interruptions").asInt()).as(as).isZero();
    assertThat(diary.beginnings().get(id)).as(as).isEqualTo(kind.ends().size());
  }

  /**
   * So many lines of the daemon's log or of the diary, and then a little computing; or sooner, if
   * no more lines are to be expected.
   *
   * @param began the line of the log at which the daemon began
   */
  private void awaitMoment(RunJournal diary, int began) throws Exception {
    boolean byLog = random.nextBoolean();
    int logged = began + random.nextInt(MAX_LOG_LINES);
    int noted = diary.entries().size() + 1 + random.nextInt(MAX_DIARY_LINES);
    int computing = random.nextInt(20_000_000);
    coord.await(
        "a moment to kill it at",
        () ->
            (byLog ? coord.lines().size() >= logged : diary.entries().size() >= noted)
                || nothingToDo(began));
    spin(computing);
  }

  /** Whether the daemon that began to log there has nothing to do but wait. */
  private boolean nothingToDo(int from) throws Exception {
    List<String> lines = coord.lines();
    if (lines.stream().skip(from).noneMatch(line -> line.contains(LiveCoordinator.READY))) {
      return false;
    }
    int running = 0;
    int queued = 0;
    for (JsonNode experiment : coord.get("/v1/experiments")) {
      switch (experiment.path("state").asText()) {
        case "running" -> running++;
        case "queued" -> queued++;
        case "completed", "failed" -> {}
        default -> {
          return false;
        }
      }
    }
    return running == SLOTS || queued == 0;
  }

  private static void spin(long times) {
    Random random = new Random(times);
    long sum = 0;
    for (long i = 0; i < times; i++) {
      sum += random.nextInt();
    }
    assertThat(sum).isNotEqualTo(Long.MIN_VALUE);
  }
}
