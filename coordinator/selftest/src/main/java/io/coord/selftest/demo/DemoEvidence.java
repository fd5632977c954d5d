package io.coord.selftest.demo;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Formats;
import io.coord.selftest.harness.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Everything that was measured, once the queue is empty. */
record DemoEvidence(
    Timeline timeline,
    HeatDriver heatDriver,
    Map<String, ApiClient.Details> details,
    Map<String, DemoRunnerRecords.Records> records,
    List<Duration> enqueueTimes,
    Duration elapsed,
    String daemonPeakMemory) {

  static DemoEvidence collect(
      ApiClient api,
      Workspace workspace,
      Timeline timeline,
      HeatDriver heatDriver,
      List<Duration> enqueueTimes,
      Duration elapsed,
      String daemonPeakMemory)
      throws InterruptedException {
    Map<String, ApiClient.Details> details = new LinkedHashMap<>();
    Map<String, DemoRunnerRecords.Records> records = new LinkedHashMap<>();
    for (String id : DemoExperiments.IDS) {
      ApiClient.Details one = api.details(id);
      details.put(id, one);
      records.put(id, DemoRunnerRecords.read(workspace, one));
    }
    return new DemoEvidence(
        timeline, heatDriver, details, records, enqueueTimes, elapsed, daemonPeakMemory);
  }

  ApiClient.Details of(String id) {
    return Objects.requireNonNull(details.get(id));
  }

  DemoRunnerRecords.Records recordsOf(String id) {
    return Objects.requireNonNull(records.get(id));
  }

  /** From its first run to its last change of state; empty if it never ran. */
  Optional<Duration> seconds(String id) {
    ApiClient.Details all = of(id);
    if (all.runs().isEmpty() || all.transitions().isEmpty()) {
      return Optional.empty();
    }
    Instant end = all.transitions().get(all.transitions().size() - 1).at();
    return Optional.of(Duration.between(all.runs().get(0).startedAt(), end));
  }

  /** The highest of its runs; empty where the kernel does not report it. */
  Optional<Long> memoryPeak(String id) {
    return of(id).runs().stream()
        .flatMap(run -> run.memoryPeakBytes().stream().boxed())
        .max(Long::compare);
  }

  /** How its last crash happened; empty if it had none. */
  String lastCrash(String id) {
    return of(id).runs().stream()
        .filter(run -> run.end().equals("crash"))
        .map(ApiClient.Run::detail)
        .reduce("", (first, second) -> second);
  }

  /** "N runs, N crashes, N interruptions". */
  String counts(String id) {
    ApiClient.Seen seen = of(id).seen();
    return Formats.count(seen.runs(), "run")
        + ", "
        + Formats.count(seen.crashes(), "crash")
        + ", "
        + Formats.count(seen.interruptions(), "interruption");
  }

  boolean has(String id, String state, int runs, int crashes, int interruptions) {
    ApiClient.Seen seen = of(id).seen();
    return seen.state().equals(state)
        && seen.runs() == runs
        && seen.crashes() == crashes
        && seen.interruptions() == interruptions;
  }

  /** How each of its runs ended, for example "signal SEGV, signal SEGV, exit code 0". */
  String ends(String id) {
    return of(id).runs().stream().map(ApiClient.Run::detail).collect(Collectors.joining(", "));
  }

  /** The crash counts in the environments of its runs, for example "0 1 2". */
  String crashCountsSeen(String id) {
    return recordsOf(id).starts().stream()
        .map(start -> Integer.toString(start.crashCount()))
        .collect(Collectors.joining(" "));
  }

  /** Whether the runner has committed these cycles, each once and in order. */
  boolean committed(String id, int cycles) {
    List<Integer> numbers =
        recordsOf(id).cycles().stream().map(DemoRunnerRecords.Cycle::cycle).toList();
    return numbers.equals(java.util.stream.IntStream.rangeClosed(1, cycles).boxed().toList());
  }
}
