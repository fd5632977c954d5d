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

/** What should be true of the whole, each held against what was measured. */
final class SummaryAssertions {
  private static final double TASKS_MAX = 512;

  private final DemoEvidence found;
  private final List<Assertion> claims = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  SummaryAssertions(DemoEvidence found) {
    this.found = found;
    limits();
    nothingTwice();
    budget();
  }

  List<Assertion> claims() {
    return claims;
  }

  /** What is worth knowing and is neither right nor wrong. */
  List<String> notes() {
    return notes;
  }

  private void limits() {
    String text = "limits are in force, as the kernel has them for " + DemoExperiments.PLAIN;
    Optional<Timeline.Limits> read = found.story().limits();
    if (read.isEmpty()) {
      claims.add(new Assertion(false, text, "its cgroup was never seen"));
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
          "MemorySwapMax=0 is not enforced: this machine has cgroup v1, where systemd has no such"
              + " limit");
    }
    claims.add(new Assertion(right, text, String.join(", ", measured)));
  }

  /** A limit that the kernel does not have here is told of, and no reason to call it wrong. */
  private boolean check(
      Optional<Cgroup.Limit> limit, double wanted, String name, List<String> measured) {
    if (limit.isEmpty()) {
      if (!name.equals("MemoryMax")) {
        notes.add(name + " is not enforced: the kernel has no such limit for this service manager");
      }
      return true;
    }
    Optional<Double> value = limit.get().value();
    measured.add(
        "%s %s (asked: %s)"
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
    List<String> began = new ArrayList<>();
    List<String> counted = new ArrayList<>();
    for (String id : DemoExperiments.IDS) {
      int processes = found.notesOf(id).starts().size();
      int runs = found.of(id).seen().runs();
      began.add(Integer.toString(processes));
      counted.add(Integer.toString(runs));
      asCounted &= processes == runs && found.of(id).runs().size() == runs;
      apart &= runsApart(found.of(id).runs()) && cyclesApart(found.notesOf(id).cycles());
    }
    claims.add(
        new Assertion(
            asCounted && apart,
            "nothing ran twice at once, and no run went uncounted",
            "processes that began, as they say themselves: %s; runs counted: %s; their times %s"
                .formatted(
                    String.join(" ", began),
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
    Timeline story = found.story();
    claims.add(
        new Assertion(
            story.maxSlots() <= DemoExperiments.SLOTS
                && story.maxReserved() <= (long) DemoExperiments.TOTAL_RAM_MIB << 20,
            "never more at once than there are slots and memory",
            "at most %d of %d slots, %s of %dM reserved"
                .formatted(
                    story.maxSlots(),
                    DemoExperiments.SLOTS,
                    Formats.mebibytes(story.maxReserved()),
                    DemoExperiments.TOTAL_RAM_MIB)));
  }
}
