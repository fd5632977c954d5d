package io.coord.selftest.chaos;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Assertion;
import io.coord.selftest.harness.Formats;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What must hold, each checked against the records of the experiments and the coordinator. */
final class ChaosAssertions {
  private static final int MAX_SHOWN = 5;

  private final ChaosEvidence evidence;
  private final List<Evidence> runs;
  private final List<Assertion> assertions = new ArrayList<>();

  private ChaosAssertions(ChaosEvidence evidence) {
    this.evidence = evidence;
    this.runs = Evidence.of(evidence.journal());
  }

  static List<Assertion> of(ChaosEvidence evidence) {
    ChaosAssertions all = new ChaosAssertions(evidence);
    all.nothingIsLost();
    all.noIdTwice();
    all.nothingRanTwiceAtOnce();
    all.neverMoreThanSlots();
    RunAssertions ends = new RunAssertions(evidence, all.runs);
    all.assertions.add(ends.eachEndOnce());
    all.assertions.add(ends.crashes());
    all.allEnded();
    all.diedOnlyWhenKilled();
    all.nothingIsLeft();
    return List.copyOf(all.assertions);
  }

  private void assertion(String text, String measured, List<String> faults) {
    assertions.add(statement(text, measured, faults));
  }

  /** A statement that holds if there are no contradictions. */
  static Assertion statement(String text, String measured, List<String> faults) {
    String shown = faults.stream().limit(MAX_SHOWN).collect(Collectors.joining("; "));
    int more = faults.size() - MAX_SHOWN;
    return new Assertion(
        faults.isEmpty(),
        text,
        measured
            + (faults.isEmpty() ? "" : "; contradicted by: " + shown)
            + (more > 0 ? "; and " + more + " more" : ""));
  }

  private void nothingIsLost() {
    List<String> faults = new ArrayList<>();
    int kept = 0;
    for (Acks.Printed printed : evidence.acks().printed()) {
      if (evidence.ledger().containsKey(printed.id())) {
        kept++;
      } else {
        faults.add("'" + printed.id() + "' is missing");
      }
    }
    int requested = evidence.acks().requested().size();
    int count = evidence.acks().printed().size();
    assertion(
        "no acknowledged experiment is lost",
        "%s printed, %d in the ledger; %d of %s had no answer"
            .formatted(
                Formats.count(count, "id"),
                kept,
                requested - count,
                Formats.count(requested, "enqueue")),
        faults);
  }

  private void noIdTwice() {
    Map<String, Set<Integer>> tokens = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (Acks.Printed printed : evidence.acks().printed()) {
      if (!tokens.computeIfAbsent(printed.id(), id -> new LinkedHashSet<>()).add(printed.token())) {
        faults.add("'" + printed.id() + "' was also printed for enqueue " + printed.token());
      }
    }
    for (ChaosJournal.Line line : evidence.journal()) {
      tokens.computeIfAbsent(line.id(), id -> new LinkedHashSet<>()).add(line.token());
    }
    tokens.forEach(
        (id, owners) -> {
          if (owners.size() > 1) {
            faults.add("'" + id + "' belongs to the enqueues " + owners);
          }
        });
    assertion(
        "no id was given out twice",
        Formats.count(tokens.size(), "id") + " printed or seen running, each of one enqueue",
        faults);
  }

  private void nothingRanTwiceAtOnce() {
    List<String> faults = new ArrayList<>();
    Map<String, Evidence> before = new LinkedHashMap<>();
    Set<String> invocations = new HashSet<>();
    int whole = 0;
    for (Evidence run : runs) {
      whole += run.lastEvent().isPresent() ? 1 : 0;
      if (run.recorded("twice")) {
        faults.add("a run of '" + run.id() + "' did not get the lock of its id" + run.id() + "'");
      }
      Evidence earlier = before.put(run.id(), run);
      if (earlier != null && earlier.last() > run.first()) {
        faults.add("a run of '" + run.id() + "' started before the previous run had ended");
      }
      if (!invocations.add(run.id() + " " + run.invocation())) {
        faults.add("an activation of '" + run.id() + "' had two processes");
      }
    }
    assertion(
        "no experiment ran twice at the same time",
        "%s started, each with the exclusive lock of its id; the %d with a recorded end do not overlap"
            .formatted(Formats.count(runs.size(), "run"), whole),
        faults);
  }

  private void neverMoreThanSlots() {
    List<String> faults = new ArrayList<>();
    for (Evidence run : runs) {
      if (run.recorded("crowded")) {
        faults.add("a run of '" + run.id() + "' found no free slot lock");
      }
    }
    Map<Integer, Integer> changes = new LinkedHashMap<>();
    runs.stream()
        .filter(run -> run.lastEvent().isPresent())
        .forEach(
            run -> {
              changes.merge(run.first(), 1, Integer::sum);
              changes.merge(run.last(), -1, Integer::sum);
            });
    int now = 0;
    int max = 0;
    for (int i = 0; i < evidence.journal().size(); i++) {
      now += changes.getOrDefault(i, 0);
      max = Math.max(max, now);
    }
    if (max > evidence.slots()) {
      faults.add(max + " ran at the same time according to the journal");
    }
    assertion(
        "never more experiments ran than there are slots",
        "at most %d of %d; each run evidence one of %d slot locks free"
            .formatted(max, evidence.slots(), evidence.slots()),
        faults);
  }

  private void allEnded() {
    List<String> faults = new ArrayList<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    Map<String, ChaosExperiment> experiments = experiments();
    evidence
        .ledger()
        .forEach(
            (id, details) -> {
              ApiClient.Seen seen = details.seen();
              counts.merge(seen.state(), 1, Integer::sum);
              ChaosExperiment experiment = experiments.get(id);
              // Never started, and its id was never printed: only that it ended is known.
              boolean right = experiment == null ? seen.isOver() : isRight(experiment, seen);
              if (!right) {
                faults.add(
                    "'%s'%s is %s (%s)"
                        .formatted(
                            id,
                            experiment == null ? "" : " (" + experiment.part().word() + ")",
                            seen.state(),
                            seen.reason()));
              }
            });
    assertion(
        "all experiments ended in the expected state",
        "%d in the ledger: %s"
            .formatted(
                evidence.ledger().size(),
                counts.entrySet().stream()
                    .map(entry -> entry.getValue() + " " + entry.getKey())
                    .collect(Collectors.joining(", "))),
        faults);
  }

  private boolean isRight(ChaosExperiment experiment, ApiClient.Seen seen) {
    boolean asItself =
        seen.state().equals(experiment.part().state())
            && (experiment.part() != ExperimentPart.DOOMED
                || seen.crashes() == experiment.maxCrashes() + 1);
    boolean stopped = seen.state().equals("stopped");
    if (evidence.acks().isStopped(seen.id())) {
      // It may have done its work while the stop was on its way.
      return stopped || (asItself && hasDoneItsWork(seen.id()));
    }
    return asItself || (stopped && evidence.acks().mayBeStopped(seen.id()));
  }

  private boolean hasDoneItsWork(String id) {
    return evidence.journal().stream()
        .anyMatch(line -> line.id().equals(id) && line.what().equals("end"));
  }

  private Map<String, ChaosExperiment> experiments() {
    Map<String, ChaosExperiment> experiments = new LinkedHashMap<>();
    for (ChaosJournal.Line line : evidence.journal()) {
      put(experiments, line.id(), line.token());
    }
    for (Acks.Printed printed : evidence.acks().printed()) {
      put(experiments, printed.id(), printed.token());
    }
    return experiments;
  }

  private void put(Map<String, ChaosExperiment> experiments, String id, int token) {
    ChaosExperiment experiment = evidence.acks().requested().get(token);
    if (experiment != null) {
      experiments.put(id, experiment);
    }
  }

  private void diedOnlyWhenKilled() {
    DaemonHistory daemons = evidence.daemons();
    List<String> faults = new ArrayList<>();
    if (daemons.endedUnexpectedly() > 0) {
      faults.add(daemons.endedUnexpectedly() + " ended unexpectedly");
    }
    if (daemons.timedOut() > 0) {
      faults.add(daemons.timedOut() + " did not end after SIGTERM");
    }
    assertion(
        "the daemon never ended by itself",
        "%s; ended %d times by SIGKILL (%d before it was ready) and %d times by SIGTERM (at most %s); ready at most %s after the start"
            .formatted(
                Formats.count(daemons.starts(), "start"),
                daemons.kills(),
                daemons.killsBeforeReady(),
                daemons.terminations(),
                Formats.seconds(daemons.slowestEnd()),
                Formats.seconds(daemons.slowestStart())),
        faults);
  }

  private void nothingIsLeft() {
    assertion(
        "no unit and no drop-in remains",
        Formats.count(evidence.leftOver().size(), "leftover") + " after all experiments had ended",
        evidence.leftOver());
  }
}
