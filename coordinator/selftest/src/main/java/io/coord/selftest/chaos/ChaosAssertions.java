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

/** What must hold, each held against what the experiments and the coordinator have told. */
final class ChaosAssertions {
  private static final int MAX_SHOWN = 5;

  private final ChaosEvidence found;
  private final List<Evidence> runs;
  private final List<Assertion> claims = new ArrayList<>();

  private ChaosAssertions(ChaosEvidence found) {
    this.found = found;
    this.runs = Evidence.of(found.diary());
  }

  static List<Assertion> of(ChaosEvidence found) {
    ChaosAssertions all = new ChaosAssertions(found);
    all.nothingIsLost();
    all.noIdTwice();
    all.nothingRanTwiceAtOnce();
    all.neverMoreThanSlots();
    RunAssertions ends = new RunAssertions(found, all.runs);
    all.claims.add(ends.eachEndOnce());
    all.claims.add(ends.crashes());
    all.allEnded();
    all.diedOnlyWhenKilled();
    all.nothingIsLeft();
    return List.copyOf(all.claims);
  }

  private void claim(String text, String measured, List<String> faults) {
    claims.add(statement(text, measured, faults));
  }

  /** A statement that holds if there is nothing that speaks against it. */
  static Assertion statement(String text, String measured, List<String> faults) {
    String shown = faults.stream().limit(MAX_SHOWN).collect(Collectors.joining("; "));
    int more = faults.size() - MAX_SHOWN;
    return new Assertion(
        faults.isEmpty(),
        text,
        measured
            + (faults.isEmpty() ? "" : "; but " + shown)
            + (more > 0 ? "; and " + more + " more" : ""));
  }

  private void nothingIsLost() {
    List<String> faults = new ArrayList<>();
    int kept = 0;
    for (Acks.Printed printed : found.promises().printed()) {
      if (found.ledger().containsKey(printed.id())) {
        kept++;
      } else {
        faults.add("'" + printed.id() + "' is not there");
      }
    }
    int asked = found.promises().asked().size();
    int count = found.promises().printed().size();
    claim(
        "no id that was printed is lost",
        "%s printed, %d in the ledger; %d of %s had no answer"
            .formatted(were(count, "id"), kept, asked - count, Formats.count(asked, "enqueue")),
        faults);
  }

  private static String were(int n, String noun) {
    return Formats.count(n, noun) + (n == 1 ? " was" : " were");
  }

  private void noIdTwice() {
    Map<String, Set<Integer>> tokens = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (Acks.Printed printed : found.promises().printed()) {
      if (!tokens.computeIfAbsent(printed.id(), id -> new LinkedHashSet<>()).add(printed.token())) {
        faults.add("'" + printed.id() + "' was printed again for enqueue " + printed.token());
      }
    }
    for (ChaosJournal.Line line : found.diary()) {
      tokens.computeIfAbsent(line.id(), id -> new LinkedHashSet<>()).add(line.token());
    }
    tokens.forEach(
        (id, owners) -> {
          if (owners.size() > 1) {
            faults.add("'" + id + "' is that of enqueues " + owners);
          }
        });
    claim(
        "no id is that of two experiments",
        were(tokens.size(), "id") + " printed or seen running, each for one enqueue",
        faults);
  }

  private void nothingRanTwiceAtOnce() {
    List<String> faults = new ArrayList<>();
    Map<String, Evidence> before = new LinkedHashMap<>();
    Set<String> invocations = new HashSet<>();
    int whole = 0;
    for (Evidence run : runs) {
      whole += run.lastWord().isPresent() ? 1 : 0;
      if (run.said("twice")) {
        faults.add("the kernel had no lock for a run of '" + run.id() + "'");
      }
      Evidence earlier = before.put(run.id(), run);
      if (earlier != null && earlier.last() > run.first()) {
        faults.add("a run of '" + run.id() + "' began before the one before it had ended");
      }
      if (!invocations.add(run.id() + " " + run.invocation())) {
        faults.add("an activation of '" + run.id() + "' had two processes");
      }
    }
    claim(
        "nothing ran twice at once",
        "%s began, each alone with the kernel's lock of its id; the %d that told of their end do not overlap"
            .formatted(Formats.count(runs.size(), "run"), whole),
        faults);
  }

  private void neverMoreThanSlots() {
    List<String> faults = new ArrayList<>();
    for (Evidence run : runs) {
      if (run.said("crowded")) {
        faults.add("a run of '" + run.id() + "' found no lock of a slot free");
      }
    }
    Map<Integer, Integer> changes = new LinkedHashMap<>();
    runs.stream()
        .filter(run -> run.lastWord().isPresent())
        .forEach(
            run -> {
              changes.merge(run.first(), 1, Integer::sum);
              changes.merge(run.last(), -1, Integer::sum);
            });
    int now = 0;
    int most = 0;
    for (int i = 0; i < found.diary().size(); i++) {
      now += changes.getOrDefault(i, 0);
      most = Math.max(most, now);
    }
    if (most > found.slots()) {
      faults.add("by the diary " + most + " ran at once");
    }
    claim(
        "never more ran at once than there are slots",
        "at most %d of %d; each found one of %d locks free"
            .formatted(most, found.slots(), found.slots()),
        faults);
  }

  private void allEnded() {
    List<String> faults = new ArrayList<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    Map<String, FaultInjector> players = players();
    found
        .ledger()
        .forEach(
            (id, details) -> {
              ApiClient.Seen seen = details.seen();
              counts.merge(seen.state(), 1, Integer::sum);
              FaultInjector player = players.get(id);
              // Never started, and its id never printed: all it can be is over.
              boolean right = player == null ? seen.isOver() : isRight(player, seen);
              if (!right) {
                faults.add(
                    "'%s'%s is %s (%s)"
                        .formatted(
                            id,
                            player == null ? "" : ", a " + player.part().word() + " one,",
                            seen.state(),
                            seen.reason()));
              }
            });
    claim(
        "all have ended, each as it should",
        "%d in the ledger: %s"
            .formatted(
                found.ledger().size(),
                counts.entrySet().stream()
                    .map(entry -> entry.getValue() + " " + entry.getKey())
                    .collect(Collectors.joining(", "))),
        faults);
  }

  private boolean isRight(FaultInjector player, ApiClient.Seen seen) {
    boolean asItself =
        seen.state().equals(player.part().state())
            && (player.part() != ExperimentPart.DOOMED
                || seen.crashes() == player.maxCrashes() + 1);
    boolean stopped = seen.state().equals("stopped");
    if (found.promises().isStopped(seen.id())) {
      return stopped;
    }
    return asItself || (stopped && found.promises().mayBeStopped(seen.id()));
  }

  private Map<String, FaultInjector> players() {
    Map<String, FaultInjector> players = new LinkedHashMap<>();
    for (ChaosJournal.Line line : found.diary()) {
      put(players, line.id(), line.token());
    }
    for (Acks.Printed printed : found.promises().printed()) {
      put(players, printed.id(), printed.token());
    }
    return players;
  }

  private void put(Map<String, FaultInjector> players, String id, int token) {
    FaultInjector player = found.promises().asked().get(token);
    if (player != null) {
      players.put(id, player);
    }
  }

  private void diedOnlyWhenKilled() {
    RunHistory lives = found.lives();
    List<String> faults = new ArrayList<>();
    if (lives.endedByThemselves() > 0) {
      faults.add(lives.endedByThemselves() + " ended by themselves");
    }
    if (lives.stubborn() > 0) {
      faults.add(lives.stubborn() + " did not end at SIGTERM");
    }
    claim(
        "the daemon ended only when it was ended",
        "%s: %d by SIGKILL (%d of them before it answered), %d by SIGTERM, within %s; it answered %s after its start at the latest"
            .formatted(
                Formats.count(lives.starts(), "start"),
                lives.kills(),
                lives.killsBeforeReady(),
                lives.terminations(),
                Formats.seconds(lives.slowestEnd()),
                Formats.seconds(lives.slowestStart())),
        faults);
  }

  private void nothingIsLeft() {
    claim(
        "no unit and no drop-in is left",
        Formats.count(found.leftOver().size(), "leftover") + " when all had ended",
        found.leftOver());
  }
}
