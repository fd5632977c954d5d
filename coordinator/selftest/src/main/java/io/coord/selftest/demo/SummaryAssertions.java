package io.coord.selftest.demo;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Assertion;
import io.coord.selftest.harness.Formats;
import io.coord.systemd.cgroup.Cgroup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What should be true of all experiments together, each checked against what was measured. */
final class SummaryAssertions {
  private static final double TASKS_MAX = 512;

  private final DemoEvidence evidence;
  private final List<Assertion> assertions = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  SummaryAssertions(DemoEvidence evidence) {
    this.evidence = evidence;
    limits();
    nothingTwice();
    budget();
  }

  List<Assertion> assertions() {
    return assertions;
  }

  /** Further facts, which are neither right nor wrong. */
  List<String> notes() {
    return notes;
  }

  private void limits() {
    String text = "limits are in force in the kernel for " + DemoExperiments.PLAIN;
    Optional<Timeline.Limits> read = evidence.timeline().limits();
    if (read.isEmpty()) {
      assertions.add(new Assertion(false, text, "no cgroup was found"));
      return;
    }
    Timeline.Limits limits = read.get();
    List<String> measured = new ArrayList<>();
    boolean right = true;
    if (limits.memory().isEmpty()) {
      right = false;
      measured.add("no memory controller: MemoryMax is not enforced");
    }
    right &=
        check(
            limits.memory(),
            (double) ((long) DemoExperiments.PLAIN_RAM_MIB << 20),
            "MemoryMax",
            measured);
    right &= check(limits.processor(), DemoExperiments.PLAIN_CPU_PERCENT, "CPUQuota", measured);
    right &= check(limits.tasks(), TASKS_MAX, "TasksMax", measured);
    if (Cgroup.isVersion2()) {
      right &= check(limits.swap(), 0, "MemorySwapMax", measured);
    } else {
      notes.add(
          "MemorySwapMax=0 is not enforced: this machine has cgroup v1, which cannot limit swap");
    }
    assertions.add(new Assertion(right, text, String.join(", ", measured)));
  }

  /** A limit that this kernel does not have is reported in a note, and is no failure. */
  private boolean check(
      Optional<Cgroup.Limit> limit, double wanted, String name, List<String> measured) {
    if (limit.isEmpty()) {
      if (!name.equals("MemoryMax")) {
        notes.add(name + " is not enforced: the kernel does not support this limit here");
      }
      return true;
    }
    Optional<Double> value = limit.get().value();
    measured.add(
        "%s %s (requested: %s)"
            .formatted(
                limit.get().file(),
                value.map(v -> shown(name, v)).orElse("unlimited"),
                shown(name, wanted)));
    return value.isPresent() && Math.abs(value.get() - wanted) < 1;
  }

  private static String shown(String name, double value) {
    return switch (name) {
      case "CPUQuota" -> Math.round(value) + "%";
      case "TasksMax" -> Long.toString(Math.round(value));
      default -> Formats.mebibytes(Math.round(value));
    };
  }

  private void nothingTwice() {
    boolean asCounted = true;
    boolean apart = true;
    List<String> started = new ArrayList<>();
    List<String> counted = new ArrayList<>();
    for (String id : DemoExperiments.IDS) {
      int processes = evidence.recordsOf(id).starts().size();
      int runs = evidence.of(id).seen().runs();
      started.add(Integer.toString(processes));
      counted.add(Integer.toString(runs));
      asCounted &= processes == runs && evidence.of(id).runs().size() == runs;
      apart &= runsApart(evidence.of(id).runs()) && cyclesApart(evidence.recordsOf(id).cycles());
    }
    assertions.add(
        new Assertion(
            asCounted && apart,
            "no experiment ran twice at the same time, and each run was counted",
            "processes started by their own record: %s; runs counted: %s; their times %s"
                .formatted(
                    String.join(" ", started),
                    String.join(" ", counted),
                    apart ? "do not overlap" : "overlap")));
  }

  private static boolean runsApart(List<ApiClient.Run> runs) {
    for (int i = 1; i < runs.size(); i++) {
      Optional<Instant> end = runs.get(i - 1).endedAt();
      if (end.isEmpty() || end.get().isAfter(runs.get(i).startedAt())) {
        return false;
      }
    }
    return true;
  }

  /** By the runner's own times: one process for each run, and each after the one before. */
  private static boolean cyclesApart(List<DemoRunnerRecords.Cycle> cycles) {
    Map<Integer, List<DemoRunnerRecords.Cycle>> byRun =
        cycles.stream()
            .collect(
                Collectors.groupingBy(
                    DemoRunnerRecords.Cycle::run, TreeMap::new, Collectors.toList()));
    Instant before = Instant.MIN;
    for (List<DemoRunnerRecords.Cycle> run : byRun.values()) {
      if (run.stream().map(DemoRunnerRecords.Cycle::pid).distinct().count() > 1) {
        return false;
      }
      for (DemoRunnerRecords.Cycle cycle :
          run.stream().sorted(Comparator.comparing(DemoRunnerRecords.Cycle::started)).toList()) {
        if (cycle.started().isBefore(before)) {
          return false;
        }
        before = cycle.finished();
      }
    }
    return true;
  }

  private void budget() {
    Timeline timeline = evidence.timeline();
    assertions.add(
        new Assertion(
            timeline.maxSlots() <= DemoExperiments.SLOTS
                && timeline.maxReserved() <= (long) DemoExperiments.TOTAL_RAM_MIB << 20,
            "never more than the slots and the memory",
            "at most %d of %d slots, %s of %dM reserved"
                .formatted(
                    timeline.maxSlots(),
                    DemoExperiments.SLOTS,
                    Formats.mebibytes(timeline.maxReserved()),
                    DemoExperiments.TOTAL_RAM_MIB)));
  }
}
