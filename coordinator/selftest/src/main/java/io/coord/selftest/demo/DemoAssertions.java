package io.coord.selftest.demo;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Assertion;
import io.coord.selftest.harness.BoardFixture;
import io.coord.selftest.harness.Formats;
import io.coord.systemd.cgroup.Cgroup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What should be true of the five experiments, each held against what was measured. */
final class DemoAssertions {

  /** The bound on top of the stop timeout: reading the sensors, deciding, and two busy cores. */
  private static final Duration HEAT_MARGIN = Duration.ofMillis(2500);

  /** A limit is met by allocations of whole pages, so the peak is close below it. */
  private static final double MIN_SHARE_OF_LIMIT = 0.9;

  private final DemoEvidence found;
  private final List<Assertion> claims = new ArrayList<>();

  private DemoAssertions(DemoEvidence found) {
    this.found = found;
  }

  static List<Assertion> of(DemoEvidence found) {
    DemoAssertions all = new DemoAssertions(found);
    all.plain();
    all.phoenix();
    all.glutton();
    all.doomed();
    all.heated();
    return List.copyOf(all.claims);
  }

  private void claim(boolean holds, String id, String text, String measured) {
    claims.add(new Assertion(holds, id + " " + text, measured));
  }

  private void plain() {
    String id = DemoExperiments.PLAIN;
    claim(
        found.has(id, "completed", 1, 0, 0) && found.committed(id, DemoExperiments.PLAIN_CYCLES),
        id,
        "ran through",
        found.of(id).seen().state()
            + ", "
            + found.counts(id)
            + ", "
            + cycles(id, DemoExperiments.PLAIN_CYCLES));
  }

  private void phoenix() {
    String id = DemoExperiments.PHOENIX;
    int made = found.notesOf(id).crashesMade();
    claim(
        made == DemoExperiments.PHOENIX_CRASHES && found.of(id).seen().crashes() == made,
        id,
        "had each crash counted once",
        made
            + " made by the runner, "
            + found.of(id).seen().crashes()
            + " counted: "
            + found.ends(id));
    crashCounts(id, "0 1 2");
    resumes(id);
    claim(
        found.has(
                id,
                "completed",
                DemoExperiments.PHOENIX_CRASHES + 1,
                DemoExperiments.PHOENIX_CRASHES,
                0)
            && found.committed(id, DemoExperiments.PHOENIX_CYCLES),
        id,
        "lost no cycle and did none twice",
        found.of(id).seen().state() + ", " + cycles(id, DemoExperiments.PHOENIX_CYCLES));
  }

  private void glutton() {
    String id = DemoExperiments.GLUTTON;
    long limit = (long) DemoExperiments.GLUTTON_RAM_MIB << 20;
    List<ApiClient.Run> runs = found.of(id).runs();
    List<java.util.OptionalLong> kills = found.notesOf(id).oomKills();
    boolean killed =
        !runs.isEmpty()
            && runs.stream().allMatch(run -> run.cause().equals("out_of_memory"))
            && kills.size() == runs.size()
            && kills.stream().allMatch(n -> n.orElse(0) > 0);
    boolean atLimit =
        runs.stream()
            .flatMap(run -> run.memoryPeakBytes().stream().boxed())
            .allMatch(peak -> peak <= limit && peak >= limit * MIN_SHARE_OF_LIMIT);
    String peaks =
        runs.stream()
            .map(ApiClient.Run::memoryPeakBytes)
            .map(
                p ->
                    p.isPresent()
                        ? Formats.mebibytes(p.getAsLong())
                        : "? (the kernel keeps no peak)")
            .collect(Collectors.joining(" and "));
    String counters =
        kills.stream()
            .map(n -> n.isPresent() ? Long.toString(n.getAsLong()) : "?")
            .collect(Collectors.joining(" and "));
    claim(
        killed && atLimit,
        id,
        "was killed by the kernel at its memory limit",
        "at %s of %dM: %s; the kernel's oom_kill counter after each run: %s (cgroup v%d)"
            .formatted(
                peaks,
                DemoExperiments.GLUTTON_RAM_MIB,
                runs.stream()
                    .map(ApiClient.Run::detail)
                    .distinct()
                    .collect(Collectors.joining("; ")),
                counters,
                Cgroup.isVersion2() ? 2 : 1));
    resumes(id);
    int crashes = DemoExperiments.GLUTTON_MAX_CRASHES + 1;
    claim(
        found.has(id, "failed", crashes, crashes, 0),
        id,
        "was given up after --max-crashes " + DemoExperiments.GLUTTON_MAX_CRASHES,
        found.of(id).seen().state() + ", " + found.counts(id));
  }

  private void doomed() {
    String id = DemoExperiments.DOOMED;
    int crashes = DemoExperiments.DOOMED_MAX_CRASHES + 1;
    String end = "exit code " + DemoExperiments.DOOMED_EXIT_CODE;
    claim(
        found.has(id, "failed", crashes, crashes, 0)
            && found.of(id).runs().stream().allMatch(run -> run.detail().equals(end)),
        id,
        "never succeeded and was given up after --max-crashes "
            + DemoExperiments.DOOMED_MAX_CRASHES,
        found.of(id).seen().state() + ", " + found.counts(id) + ": " + found.ends(id));
    crashCounts(id, "0 1 2");
  }

  private void heated() {
    String id = DemoExperiments.HEATED;
    HeatDriver heating = found.heating();
    claim(
        heating.slotsTaken() == 1 && heating.processes() > 0,
        id,
        "was alone when the board was heated",
        "%d of %d slots taken, %s in its cgroup"
            .formatted(
                heating.slotsTaken(),
                DemoExperiments.SLOTS,
                Formats.count(heating.processes(), "process")));
    stoppedByHeat(id, heating);
    claim(
        found.has(id, "completed", 2, 0, 1) && found.of(id).runs().get(0).cause().equals("heat"),
        id,
        "counts it as an interruption, not as a crash",
        found.counts(id));
    nothingStartedWhileHot();
    cameBack(id, heating);
    resumes(id);
    claim(
        found.committed(id, DemoExperiments.HEATED_CYCLES),
        id,
        "lost no cycle and did none twice",
        found.of(id).seen().state() + ", " + cycles(id, DemoExperiments.HEATED_CYCLES));
  }

  private void stoppedByHeat(String id, HeatDriver heating) {
    Duration bound = DemoExperiments.HEATED_STOP_TIMEOUT.plus(HEAT_MARGIN);
    Optional<Duration> gone = heating.lastProcessGone();
    Optional<Duration> noticed =
        heating
            .heatedAt()
            .flatMap(
                hot -> transition(id, "running", "stopping").map(at -> Duration.between(hot, at)));
    claim(
        gone.filter(time -> time.compareTo(bound) <= 0).isPresent()
            && noticed.isPresent()
            && transition(id, "stopping", "cooling").isPresent(),
        id,
        "was stopped by heat",
        "at %s; its last process was gone after %s (noticed after %s); bound %s"
            .formatted(
                Formats.celsius(BoardFixture.HOT_CELSIUS),
                gone.map(Formats::seconds).orElse("(never seen)"),
                noticed.map(Formats::seconds).orElse("(never)"),
                Formats.seconds(bound)));
  }

  private Optional<Instant> transition(String id, String from, String to) {
    return found.of(id).transitions().stream()
        .filter(one -> one.from().equals(from) && one.to().equals(to))
        .map(ApiClient.Transition::at)
        .findFirst();
  }

  /** When the heat's state became this for the first time after it was critical. */
  private Optional<Instant> heatSince(String state) {
    return found.story().heats().stream()
        .dropWhile(heat -> !heat.state().equals("critical"))
        .filter(heat -> heat.state().equals(state))
        .map(Timeline.HeatChange::since)
        .findFirst();
  }

  private void nothingStartedWhileHot() {
    Optional<Instant> hot = heatSince("critical");
    Optional<Instant> cool = heatSince("normal");
    if (hot.isEmpty() || cool.isEmpty()) {
      claims.add(
          new Assertion(
              false, "nothing started while it was hot", "heat was never seen to come and go"));
      return;
    }
    long starts =
        found.details().values().stream()
            .flatMap(one -> one.runs().stream())
            .map(ApiClient.Run::startedAt)
            .filter(at -> at.isAfter(hot.get()) && at.isBefore(cool.get()))
            .count();
    claims.add(
        new Assertion(
            starts == 0,
            "nothing started while it was hot",
            Formats.count(starts, "start")
                + " in "
                + Formats.seconds(Duration.between(hot.get(), cool.get()))));
  }

  private void cameBack(String id, HeatDriver heating) {
    List<ApiClient.Run> runs = found.of(id).runs();
    Optional<Instant> cool = heatSince("normal");
    if (runs.size() < 2 || cool.isEmpty() || heating.coolingFrom().isEmpty()) {
      claim(false, id, "came back by itself", Formats.count(runs.size(), "run"));
      return;
    }
    Instant back = runs.get(1).startedAt();
    claim(
        !back.isBefore(cool.get()),
        id,
        "came back by itself when it was cool",
        "%s after the board began to cool, %s after the heat was declared over"
            .formatted(
                Formats.seconds(Duration.between(heating.coolingFrom().get(), back)),
                Formats.seconds(Duration.between(cool.get(), back))));
  }

  /** Each run began with the cycle after the last that was committed before it. */
  private void resumes(String id) {
    DemoRunnerRecords.Notes notes = found.notesOf(id);
    List<DemoRunnerRecords.Start> again =
        notes.starts().stream().filter(start -> start.run() > 1).toList();
    boolean right =
        !again.isEmpty()
            && again.stream()
                .allMatch(
                    start ->
                        start.resume() == 1
                            && start.firstCycle().orElse(0)
                                == notes.expectedFirstCycle(start.run()));
    claim(
        right,
        id,
        "came back at the cycle after the last one committed",
        again.stream()
            .map(
                start ->
                    "run %d at cycle %s with %d committed"
                        .formatted(
                            start.run(),
                            start.firstCycle().isPresent()
                                ? Integer.toString(start.firstCycle().getAsInt())
                                : "?",
                            notes.expectedFirstCycle(start.run()) - 1))
            .collect(Collectors.joining(", ")));
  }

  private void crashCounts(String id, String wanted) {
    String seen = found.crashCountsSeen(id);
    claim(seen.equals(wanted), id, "was told COORD_CRASH_COUNT in its runs", seen);
  }

  private String cycles(String id, int of) {
    int size = found.notesOf(id).cycles().size();
    return size + " of " + of + " cycles in the runner's database";
  }
}
