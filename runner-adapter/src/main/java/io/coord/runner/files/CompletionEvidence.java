package io.coord.runner.files;

import io.coord.runner.CompletionResult;
import io.coord.runner.CycleReport;
import io.coord.runner.Durations;
import io.coord.runner.Quoting;
import io.coord.runner.RunClaim;
import io.coord.runner.RunReport;
import io.coord.runner.RunnerFacts;
import io.coord.runner.RunnerReport;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCheckOutcome;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The evidence for and against the completion of one experiment, as it is collected. */
final class CompletionEvidence {
  private final List<String> found = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();

  /** What leaves it open unless something else proves completion. */
  private final List<String> doubts = new ArrayList<>();

  private boolean proven;

  /** Something that besides the exit code shows that the experiment is complete. */
  void proof(String words) {
    found.add(words);
    proven = true;
  }

  /** Something that the user reads, and that decides nothing. */
  private void note(String words) {
    found.add(words);
  }

  /** Something that must be there. */
  void missing(String words) {
    missing.add(words);
  }

  /** Something that cannot be read now. */
  void unknown(String words) {
    unknown.add(words);
  }

  /** What is certain decides; else what is not known leaves it open. */
  CompletionResult result(String exit) {
    if (!missing.isEmpty()) {
      return new CompletionResult.Incomplete(String.join("; ", missing));
    }
    if (!proven) {
      unknown.addAll(doubts);
    }
    if (!unknown.isEmpty()) {
      return new CompletionResult.NotVerifiable(String.join("; ", unknown));
    }
    return new CompletionResult.Complete(exit + "; " + String.join(", ", found), proven);
  }

  /** Weighs what the runner of a config has recorded, and what the run reported. */
  void weigh(RunnerReport recorded, Spec.Config config, RunClaim claim) {
    if (recorded instanceof RunnerFacts facts) {
      weigh(facts, config, claim);
    } else if (recorded instanceof RunnerReport.Unreadable unreadable) {
      unknown("its runner's database " + unreadable.why());
    } else if (recorded instanceof RunnerReport.Damaged damaged) {
      missing("its runner's database " + damaged.why());
    } else if (recorded instanceof RunnerReport.Silent silent) {
      // A runner that keeps no database reports its cycles instead.
      boolean provenBefore = proven;
      weigh(claim, config.maxCycles());
      if (silent.expected() && proven == provenBefore && missing.isEmpty() && doubts.isEmpty()) {
        missing("its runner's database " + silent.why());
      } else {
        note("its runner's database " + silent.why());
      }
    }
  }

  private void weigh(RunnerFacts facts, Spec.Config config, RunClaim claim) {
    OptionalInt wanted = config.maxCycles().isPresent() ? config.maxCycles() : facts.maxCycles();
    if (facts.cycles().isPresent()) {
      weigh(facts.cycles().getAsInt(), wanted);
    } else {
      weigh(claim, wanted);
    }
    boolean old =
        facts.endedAt().isPresent()
            && claim
                .startedAt()
                .map(start -> start.truncatedTo(ChronoUnit.SECONDS))
                .filter(start -> facts.endedAt().get().isBefore(start))
                .isPresent();
    // Cycles that are missing say it all: a runner that did not get to its end has some status.
    if (!facts.mayBeComplete() && missing.isEmpty()) {
      missing(
          (found.isEmpty() ? "" : found.get(found.size() - 1) + ", but ")
              + "its runner's status is "
              + Quoting.of(facts.status().orElse("")));
    } else if (old && wanted.isEmpty()) {
      // Without a number of cycles, only the status says that the work is done.
      missing(
          "its runner's status "
              + Quoting.of(facts.status().orElse(""))
              + " is older than the run");
    } else {
      facts.status().ifPresent(status -> note("status " + Quoting.of(status)));
    }
  }

  /** Weighs the run's own report; what the user's config asks for counts more than what it says. */
  void weigh(RunClaim claim, OptionalInt wanted) {
    RunReport report = claim.report();
    Optional<CycleReport> cycle = report.cycle();
    if (report.doneEarly().isPresent()) {
      proof(
          "done early"
              + cycle.map(CompletionEvidence::after).orElse("")
              + ": "
              + report.doneEarly().get());
    } else if (claim.unheard() && !isWholly(cycle, wanted)) {
      doubts.add(
          cycle
                  .map(known -> "the last cycle that is known is " + known.cycle())
                  .orElse("no cycle is known")
              + ", and later ones may have been reported while coord was not running");
    } else if (cycle.isPresent()) {
      weigh(cycle.get().cycle(), wanted.isPresent() ? wanted : cycle.get().of());
    } else if (wanted.isPresent()) {
      missing("no progress reported, " + wanted.getAsInt() + " cycles expected");
    } else {
      note("no progress reported");
    }
    report.ignored().ifPresent(ignored -> note("ignored " + ignored));
  }

  /** Whether the last cycle was reported, however many there are. */
  private static boolean isWholly(Optional<CycleReport> cycle, OptionalInt wanted) {
    OptionalInt of = wanted.isPresent() ? wanted : cycle.map(CycleReport::of).orElse(wanted);
    return cycle.isPresent() && of.isPresent() && cycle.get().cycle() >= of.getAsInt();
  }

  private static String after(CycleReport cycle) {
    return " after cycle "
        + cycle.cycle()
        + (cycle.of().isPresent() ? " of " + cycle.of().getAsInt() : "");
  }

  private void weigh(int cycles, OptionalInt wanted) {
    if (wanted.isEmpty()) {
      note(cycles + (cycles == 1 ? " cycle" : " cycles"));
    } else if (cycles < wanted.getAsInt()) {
      missing(cycles + " of " + wanted.getAsInt() + " cycles");
    } else {
      proof(cycles + " of " + wanted.getAsInt() + " cycles");
    }
  }

  /** Weighs what came of the check after the run. */
  void weigh(Optional<SuccessCheckOutcome> check, String command) {
    SuccessCheckOutcome outcome = check.orElse(null);
    if (outcome instanceof SuccessCheckOutcome.OutOfTime late) {
      missing(command + " did not end within " + Durations.brief(late.limit()));
    } else if (outcome instanceof SuccessCheckOutcome.Ended ended) {
      String words = command + " ended with exit code " + ended.exitCode();
      if (ended.exitCode() == 0) {
        proof(words);
      } else {
        missing(words);
      }
    } else {
      missing(command + " left no record");
    }
  }
}
