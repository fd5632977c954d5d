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

/** What should be true of the five experiments, each checked against what was measured. */
final class DemoAssertions {

  /** The bound on top of the stop timeout: reading the sensors, deciding, and two busy cores. */
  private static final Duration HEAT_MARGIN = Duration.ofMillis(2500);

  /** A limit is met by allocations of whole pages, so the peak is close below it. */
  private static final double MIN_SHARE_OF_LIMIT = 0.9;

  private final DemoEvidence evidence;
  private final List<Assertion> assertions = new ArrayList<>();

  private DemoAssertions(DemoEvidence evidence) {
    this.evidence = evidence;
  }

  static List<Assertion> of(DemoEvidence evidence) {
    DemoAssertions all = new DemoAssertions(evidence);
    all.plain();
    all.phoenix();
    all.glutton();
    all.doomed();
    all.heated();
    return List.copyOf(all.assertions);
  }

  private void assertion(boolean holds, String id, String text, String measured) {
    assertions.add(new Assertion(holds, id + " " + text, measured));
  }

  private void plain() {
    String id = DemoExperiments.PLAIN;
    assertion(
        evidence.has(id, "completed", 1, 0, 0)
            && evidence.committed(id, DemoExperiments.PLAIN_CYCLES),
        id,
        "ran to completion",
        evidence.of(id).seen().state()
            + ", "
            + evidence.counts(id)
            + ", "
            + cycles(id, DemoExperiments.PLAIN_CYCLES));
  }

  private void phoenix() {
    String id = DemoExperiments.PHOENIX;
    int made = evidence.recordsOf(id).crashesMade();
    assertion(
        made == DemoExperiments.PHOENIX_CRASHES && evidence.of(id).seen().crashes() == made,
        id,
        "counted each crash once",
        made
            + " crashes by the runner, "
            + evidence.of(id).seen().crashes()
            + " counted: "
            + evidence.ends(id));
    crashCounts(id, "0 1 2");
    resumes(id);
    assertion(
        evidence.has(
                id,
                "completed",
                DemoExperiments.PHOENIX_CRASHES + 1,
                DemoExperiments.PHOENIX_CRASHES,
                0)
            && evidence.committed(id, DemoExperiments.PHOENIX_CYCLES),
        id,
        "lost no cycle and repeated none",
        evidence.of(id).seen().state() + ", " + cycles(id, DemoExperiments.PHOENIX_CYCLES));
  }

  private void glutton() {
    String id = DemoExperiments.GLUTTON;
    long limit = (long) DemoExperiments.GLUTTON_RAM_MIB << 20;
    List<ApiClient.Run> runs = evidence.of(id).runs();
    List<java.util.OptionalLong> kills = evidence.recordsOf(id).oomKills();
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
                        : "? (the kernel reports no peak)")
            .collect(Collectors.joining(" and "));
    String counters =
        kills.stream()
            .map(n -> n.isPresent() ? Long.toString(n.getAsLong()) : "?")
            .collect(Collectors.joining(" and "));
    assertion(
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
    assertion(
        evidence.has(id, "failed", crashes, crashes, 0),
        id,
        "failed after --max-crashes " + DemoExperiments.GLUTTON_MAX_CRASHES,
        evidence.of(id).seen().state() + ", " + evidence.counts(id));
  }

  private void doomed() {
    String id = DemoExperiments.DOOMED;
    int crashes = DemoExperiments.DOOMED_MAX_CRASHES + 1;
    String end = "exit code " + DemoExperiments.DOOMED_EXIT_CODE;
    assertion(
        evidence.has(id, "failed", crashes, crashes, 0)
            && evidence.of(id).runs().stream().allMatch(run -> run.detail().equals(end)),
        id,
        "never succeeded and failed after --max-crashes " + DemoExperiments.DOOMED_MAX_CRASHES,
        evidence.of(id).seen().state() + ", " + evidence.counts(id) + ": " + evidence.ends(id));
    crashCounts(id, "0 1 2");
  }

  private void heated() {
    String id = DemoExperiments.HEATED;
    HeatDriver heatDriver = evidence.heatDriver();
    assertion(
        heatDriver.slotsTaken() == 1 && heatDriver.processes() > 0,
        id,
        "ran alone when the board was heated",
        "%d of %d slots taken, %s in its cgroup"
            .formatted(
                heatDriver.slotsTaken(),
                DemoExperiments.SLOTS,
                Formats.count(heatDriver.processes(), "process")));
    stoppedByHeat(id, heatDriver);
    assertion(
        evidence.has(id, "completed", 2, 0, 1)
            && evidence.of(id).runs().get(0).cause().equals("heat"),
        id,
        "counted the stop as an interruption, not as a crash",
        evidence.counts(id));
    nothingStartedWhileHot();
    restarted(id, heatDriver);
    resumes(id);
    assertion(
        evidence.committed(id, DemoExperiments.HEATED_CYCLES),
        id,
        "lost no cycle and repeated none",
        evidence.of(id).seen().state() + ", " + cycles(id, DemoExperiments.HEATED_CYCLES));
  }

  private void stoppedByHeat(String id, HeatDriver heatDriver) {
    Duration bound = DemoExperiments.HEATED_STOP_TIMEOUT.plus(HEAT_MARGIN);
    Optional<Duration> gone = heatDriver.lastProcessGone();
    Optional<Duration> noticed =
        heatDriver
            .heatedAt()
            .flatMap(
                hot -> transition(id, "running", "stopping").map(at -> Duration.between(hot, at)));
    assertion(
        gone.filter(time -> time.compareTo(bound) <= 0).isPresent()
            && noticed.isPresent()
            && transition(id, "stopping", "cooling").isPresent(),
        id,
        "was stopped by heat",
        "at %s; the last process ended after %s (detected after %s); limit %s"
            .formatted(
                Formats.celsius(BoardFixture.HOT_CELSIUS),
                gone.map(Formats::seconds).orElse("(never)"),
                noticed.map(Formats::seconds).orElse("(never)"),
                Formats.seconds(bound)));
  }

  private Optional<Instant> transition(String id, String from, String to) {
    return evidence.of(id).transitions().stream()
        .filter(one -> one.from().equals(from) && one.to().equals(to))
        .map(ApiClient.Transition::at)
        .findFirst();
  }

  /** The first time after a critical temperature at which the state was this. */
  private Optional<Instant> heatSince(String state) {
    return evidence.timeline().heats().stream()
        .dropWhile(heat -> !heat.state().equals("critical"))
        .filter(heat -> heat.state().equals(state))
        .map(Timeline.HeatChange::since)
        .findFirst();
  }

  private void nothingStartedWhileHot() {
    Optional<Instant> hot = heatSince("critical");
    Optional<Instant> cool = heatSince("normal");
    if (hot.isEmpty() || cool.isEmpty()) {
      assertions.add(
          new Assertion(false, "nothing started while it was hot", "no hot period was observed"));
      return;
    }
    long starts =
        evidence.details().values().stream()
            .flatMap(one -> one.runs().stream())
            .map(ApiClient.Run::startedAt)
            .filter(at -> at.isAfter(hot.get()) && at.isBefore(cool.get()))
            .count();
    assertions.add(
        new Assertion(
            starts == 0,
            "nothing started while it was hot",
            Formats.count(starts, "start")
                + " in "
                + Formats.seconds(Duration.between(hot.get(), cool.get()))));
  }

  private void restarted(String id, HeatDriver heatDriver) {
    List<ApiClient.Run> runs = evidence.of(id).runs();
    Optional<Instant> cool = heatSince("normal");
    if (runs.size() < 2 || cool.isEmpty() || heatDriver.coolingFrom().isEmpty()) {
      assertion(false, id, "restarted automatically", Formats.count(runs.size(), "run"));
      return;
    }
    Instant back = runs.get(1).startedAt();
    assertion(
        !back.isBefore(cool.get()),
        id,
        "restarted automatically when the board was cool",
        "%s after the board started to cool, %s after the state became normal"
            .formatted(
                Formats.seconds(Duration.between(heatDriver.coolingFrom().get(), back)),
                Formats.seconds(Duration.between(cool.get(), back))));
  }

  /** Each run started with the cycle after the last one committed before it. */
  private void resumes(String id) {
    DemoRunnerRecords.Records records = evidence.recordsOf(id);
    List<DemoRunnerRecords.Start> restarts =
        records.starts().stream().filter(start -> start.run() > 1).toList();
    boolean right =
        !restarts.isEmpty()
            && restarts.stream()
                .allMatch(
                    start ->
                        start.resume() == 1
                            && start.firstCycle().orElse(0)
                                == records.expectedFirstCycle(start.run()));
    assertion(
        right,
        id,
        "resumed after the last committed cycle",
        restarts.stream()
            .map(
                start ->
                    "run %d at cycle %s with %d committed"
                        .formatted(
                            start.run(),
                            start.firstCycle().isPresent()
                                ? Integer.toString(start.firstCycle().getAsInt())
                                : "?",
                            records.expectedFirstCycle(start.run()) - 1))
            .collect(Collectors.joining(", ")));
  }

  private void crashCounts(String id, String wanted) {
    String seen = evidence.crashCountsSeen(id);
    assertion(seen.equals(wanted), id, "received COORD_CRASH_COUNT in its runs", seen);
  }

  private String cycles(String id, int of) {
    int size = evidence.recordsOf(id).cycles().size();
    return size + " of " + of + " cycles in the runner's database";
  }
}
