package io.coord.selftest.chaos;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Assertion;
import io.coord.selftest.harness.Formats;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Holds the runs in the ledger against the runs that have told of themselves. */
final class RunAssertions {
  private static final Map<String, String> DETAILS =
      Map.of(
          "end", "exit code 0",
          "exit3", "exit code 3",
          "exit4", "exit code 4",
          "segv", "signal SEGV");

  private final ChaosEvidence found;
  private final List<Evidence> runs;
  private final Map<String, Evidence> lastOf = new LinkedHashMap<>();

  RunAssertions(ChaosEvidence found, List<Evidence> runs) {
    this.found = found;
    this.runs = runs;
    runs.forEach(run -> lastOf.put(run.id(), run));
  }

  /** Whether it may have ended by a stop, so that how it ended says nothing. */
  private boolean mayBeCutShort(Evidence run) {
    return found.promises().mayBeStopped(run.id()) && run.equals(lastOf.get(run.id()));
  }

  /** That each end of a run is in the ledger once, and as what it was. */
  Assertion eachEndOnce() {
    List<String> faults = new ArrayList<>();
    Map<String, Integer> ends = new LinkedHashMap<>();
    int recorded = 0;
    for (ApiClient.Details details : found.ledger().values()) {
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
      Optional<ApiClient.Details> details = Optional.ofNullable(found.ledger().get(run.id()));
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
    int untold = untold(faults);
    return ChaosAssertions.statement(
        "each end of a run is recorded once, with its cause",
        "%s began, %d are recorded (%d of them killed before their first word): %s"
            .formatted(Formats.count(runs.size(), "run"), recorded, untold, words(ends)),
        faults);
  }

  private static String words(Map<String, Integer> ends) {
    List<String> words = new ArrayList<>();
    for (String end : List.of("success", "crash", "interruption")) {
      words.add(Formats.count(ends.getOrDefault(end, 0), end).replace("successs", "successes"));
    }
    return String.join(", ", words);
  }

  /** Runs that have told nothing; only those may that were stopped or killed. */
  private int untold(List<String> faults) {
    int untold = 0;
    for (ApiClient.Details details : found.ledger().values()) {
      String id = details.seen().id();
      for (ApiClient.Run run : details.runs()) {
        boolean reported =
            runs.stream()
                .anyMatch(one -> one.id().equals(id) && one.invocation().equals(run.invocation()));
        if (!reported) {
          untold++;
          if (found.promises().strikes(id) == 0 && !found.promises().mayBeStopped(id)) {
            faults.add("run %d of '%s' never happened".formatted(run.number(), id));
          }
        }
      }
    }
    return untold;
  }

  private Optional<String> disagreement(Evidence run, ApiClient.Run recorded) {
    if (mayBeCutShort(run)) {
      return Optional.empty();
    }
    boolean struck = found.promises().strikes(run.id()) > 0;
    Optional<String> last = run.lastWord();
    boolean crash = recorded.end().equals("crash");
    // A signal may come between the last word and the end.
    boolean bySignal = crash && struck && !recorded.detail().isEmpty();
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
    for (ApiClient.Details details : found.ledger().values()) {
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
      if (tally.cutShort() > found.promises().strikes(id)) {
        faults.add(
            "'%s' was cut short %s, by %s"
                .formatted(
                    id,
                    Formats.count(tally.cutShort(), "time"),
                    Formats.count(found.promises().strikes(id), "signal")));
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
      boolean wentWell = run.lastWord().isPresent() && !run.crashedByItself();
      if (mayBeCutShort(run) || (wentWell && found.promises().strikes(id) > 0)) {
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
