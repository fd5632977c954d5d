package io.coord.selftest.chaos;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Assertion;
import io.coord.selftest.harness.Formats;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares the runs in the ledger with the runs in the journal. */
final class RunAssertions {
  private static final Map<String, String> DETAILS =
      Map.of(
          "end", "exit code 0",
          "exit3", "exit code 3",
          "exit4", "exit code 4",
          "segv", "signal SEGV");

  private final ChaosEvidence evidence;
  private final List<Evidence> runs;
  private final Map<String, Evidence> lastOf = new LinkedHashMap<>();

  RunAssertions(ChaosEvidence evidence, List<Evidence> runs) {
    this.evidence = evidence;
    this.runs = runs;
    runs.forEach(run -> lastOf.put(run.id(), run));
  }

  /** Whether a stop may have ended it, and the kind of its end is unknown. */
  private boolean mayBeCutShort(Evidence run) {
    return evidence.acks().mayBeStopped(run.id()) && run.equals(lastOf.get(run.id()));
  }

  /** Each end of a run is in the ledger once, with its cause. */
  Assertion eachEndOnce() {
    List<String> faults = new ArrayList<>();
    Map<String, Integer> ends = new LinkedHashMap<>();
    int recorded = 0;
    for (ApiClient.Details details : evidence.ledger().values()) {
      String id = details.seen().id();
      recorded += details.runs().size();
      if (details.runs().size() != details.seen().runs()) {
        faults.add(
            "'%s' has %d runs, and %d are counted"
                .formatted(id, details.runs().size(), details.seen().runs()));
      }
      for (ApiClient.Run run : details.runs()) {
        ends.merge(run.end(), 1, Integer::sum);
        if (run.end().isEmpty()) {
          faults.add("run %d of '%s' has no end".formatted(run.number(), id));
        }
      }
    }
    for (Evidence run : runs) {
      Optional<ApiClient.Details> details = Optional.ofNullable(evidence.ledger().get(run.id()));
      List<ApiClient.Run> same =
          details.map(ApiClient.Details::runs).orElse(List.of()).stream()
              .filter(one -> one.invocation().equals(run.invocation()))
              .toList();
      if (same.size() != 1) {
        faults.add(
            "a run of '%s' is recorded %s".formatted(run.id(), Formats.count(same.size(), "time")));
      } else {
        disagreement(run, same.get(0)).ifPresent(faults::add);
      }
    }
    int silent = silent(faults);
    return ChaosAssertions.statement(
        "each end of a run is recorded once, with its cause",
        "%s started, %d recorded (%d of them killed before their first line): %s"
            .formatted(Formats.count(runs.size(), "run"), recorded, silent, words(ends)),
        faults);
  }

  private static String words(Map<String, Integer> ends) {
    List<String> words = new ArrayList<>();
    for (String end : List.of("success", "crash", "interruption")) {
      words.add(Formats.count(ends.getOrDefault(end, 0), end).replace("successs", "successes"));
    }
    return String.join(", ", words);
  }

  /** Runs without a line in the journal: allowed only for stopped or killed experiments. */
  private int silent(List<String> faults) {
    int silent = 0;
    for (ApiClient.Details details : evidence.ledger().values()) {
      String id = details.seen().id();
      for (ApiClient.Run run : details.runs()) {
        boolean reported =
            runs.stream()
                .anyMatch(one -> one.id().equals(id) && one.invocation().equals(run.invocation()));
        if (!reported) {
          silent++;
          if (evidence.acks().signalsSent(id) == 0 && !evidence.acks().mayBeStopped(id)) {
            faults.add("run %d of '%s' is not in the journal".formatted(run.number(), id));
          }
        }
      }
    }
    return silent;
  }

  private Optional<String> disagreement(Evidence run, ApiClient.Run recorded) {
    if (mayBeCutShort(run)) {
      return Optional.empty();
    }
    boolean signalled = evidence.acks().signalsSent(run.id()) > 0;
    Optional<String> last = run.lastEvent();
    boolean crash = recorded.end().equals("crash");
    // A signal may come between the last word and the end.
    boolean bySignal = crash && signalled && !recorded.detail().isEmpty();
    boolean agrees =
        bySignal
            || last.filter(
                    word ->
                        recorded.end().equals(word.equals("end") ? "success" : "crash")
                            && recorded.detail().startsWith(DETAILS.getOrDefault(word, "?")))
                .isPresent();
    return agrees
        ? Optional.empty()
        : Optional.of(
            "run %d of '%s' said %s, and is recorded as %s: %s"
                .formatted(
                    recorded.number(),
                    run.id(),
                    last.map(word -> "'" + word + "' last").orElse("nothing at its end"),
                    recorded.end(),
                    recorded.detail()));
  }

  /** That crashes counted are crashes that happened. */
  Assertion crashes() {
    List<String> faults = new ArrayList<>();
    int counted = 0;
    int byThemselves = 0;
    int cutShort = 0;
    int either = 0;
    for (ApiClient.Details details : evidence.ledger().values()) {
      String id = details.seen().id();
      Tally tally = tally(id, details);
      int count = details.seen().crashes();
      counted += count;
      byThemselves += tally.byThemselves();
      cutShort += tally.cutShort();
      either += tally.either();
      int least = tally.byThemselves() + tally.cutShort();
      if (count < least || count > least + tally.either()) {
        faults.add(
            "'%s' counts %s, and had %d".formatted(id, Formats.count(count, "crash"), least));
      }
      if (tally.cutShort() > evidence.acks().signalsSent(id)) {
        faults.add(
            "'%s' was cut short %s, by %s"
                .formatted(
                    id,
                    Formats.count(tally.cutShort(), "time"),
                    Formats.count(evidence.acks().signalsSent(id), "signal")));
      }
    }
    return ChaosAssertions.statement(
        "crashes counted are crashes that happened",
        "%d counted; %d happened by themselves, %d by a signal; %d more ended at a stop or at a signal too late to tell"
            .formatted(counted, byThemselves, cutShort, either),
        faults);
  }

  /**
   * The ends of one experiment's runs.
   *
   * @param either those that may count as a crash or as something else
   */
  private record Tally(int byThemselves, int cutShort, int either) {}

  private Tally tally(String id, ApiClient.Details details) {
    int byThemselves = 0;
    int cutShort = 0;
    int either = 0;
    int reported = 0;
    for (Evidence run : runs) {
      if (!run.id().equals(id)) {
        continue;
      }
      reported++;
      boolean wentWell = run.lastEvent().isPresent() && !run.crashedByItself();
      if (mayBeCutShort(run) || (wentWell && evidence.acks().signalsSent(id) > 0)) {
        either++;
      } else if (run.crashedByItself()) {
        byThemselves++;
      } else if (!wentWell) {
        cutShort++;
      }
    }
    return new Tally(
        byThemselves, cutShort, either + Math.max(0, details.runs().size() - reported));
  }
}
