package io.coord.runner.files;

import io.coord.runner.CompletionResult;
import io.coord.runner.Durations;
import io.coord.runner.Quoting;
import io.coord.runner.RunClaim;
import io.coord.runner.RunReport;
import io.coord.runner.RunnerFacts;
import io.coord.runner.RunnerRecords;
import io.coord.runner.RunnerReport;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCheckOutcome;
import io.coord.runner.UserFileAccess;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Verifies that an experiment whose run claims success is complete: by what its runner has
 * recorded, else by what it reported, by the file it was to write, and by the check that was run
 * after it.
 */
public final class CompletionCheck {
  private final RunnerRecords records;
  private final UserFileAccess files;

  public CompletionCheck(RunnerRecords records, UserFileAccess files) {
    this.records = records;
    this.files = files;
  }

  /**
   * The result for a run that ended with exit code 0, or another that the spec takes for success.
   *
   * @param folder the experiment's own
   * @param owner the account that owns it
   * @param claim what is known of the run
   */
  public CompletionResult verify(Spec spec, Path folder, String owner, RunClaim claim) {
    RunReport last = claim.report();
    Optional<SuccessCheckOutcome> check = claim.check();
    List<String> missing = new ArrayList<>();
    List<String> evidence = new ArrayList<>();
    if (spec.task() instanceof Spec.Config config) {
      RunnerReport report = records.of(spec, folder, owner);
      if (report instanceof RunnerFacts facts) {
        weigh(facts, config, last, evidence, missing);
      } else if (report instanceof RunnerReport.Silent silent) {
        weigh(last, config.maxCycles(), evidence, missing);
        evidence.add("its runner's database " + silent.why());
      }
    } else {
      weigh(last, OptionalInt.empty(), evidence, missing);
    }
    spec.success().file().ifPresent(file -> look(spec, file, owner, evidence, missing));
    String command = "the check " + Quoting.of(String.join(" ", spec.success().command()));
    boolean checked = spec.success().command().isEmpty() || check.isPresent();
    if (!spec.success().command().isEmpty()) {
      check.ifPresent(outcome -> weigh(outcome, command, evidence, missing));
    }
    if (!missing.isEmpty()) {
      return new CompletionResult.Incomplete(String.join("; ", missing));
    }
    return checked
        ? new CompletionResult.Complete(
            (spec.success().codes().isEmpty()
                    ? "exited with 0; "
                    : "exited with an accepted code; ")
                + String.join(", ", evidence))
        : new CompletionResult.Unverified(command + " left no record");
  }

  private static void weigh(
      RunnerFacts facts,
      Spec.Config config,
      RunReport last,
      List<String> evidence,
      List<String> missing) {
    OptionalInt wanted = config.maxCycles().isPresent() ? config.maxCycles() : facts.maxCycles();
    if (facts.cycles().isPresent()) {
      weigh(facts.cycles().getAsInt(), wanted, evidence, missing);
    } else {
      weigh(last, wanted, evidence, missing);
    }
    // Cycles that are missing say it all: a runner that did not get to its end has some status.
    if (!facts.mayBeComplete() && missing.isEmpty()) {
      missing.add(
          evidence.get(evidence.size() - 1)
              + ", but its runner's status is "
              + Quoting.of(facts.status().orElse("")));
    } else {
      facts.status().ifPresent(status -> evidence.add("status " + Quoting.of(status)));
    }
  }

  /** By the run's own report; what the user's config asks for counts more than what it says. */
  private static void weigh(
      RunReport last, OptionalInt wanted, List<String> evidence, List<String> missing) {
    if (last.doneEarly().isPresent()) {
      evidence.add(
          "done early"
              + last.cycle()
                  .map(
                      cycle ->
                          " after cycle "
                              + cycle.cycle()
                              + (cycle.of().isPresent() ? " of " + cycle.of().getAsInt() : ""))
                  .orElse("")
              + ": "
              + last.doneEarly().get());
    } else if (last.cycle().isPresent()) {
      OptionalInt max = wanted.isPresent() ? wanted : last.cycle().get().of();
      weigh(last.cycle().get().cycle(), max, evidence, missing);
    } else {
      evidence.add("no progress reported");
    }
    last.ignored().ifPresent(report -> evidence.add("ignored " + report));
  }

  private static void weigh(
      int cycles, OptionalInt wanted, List<String> evidence, List<String> missing) {
    if (wanted.isEmpty()) {
      evidence.add(cycles + (cycles == 1 ? " cycle" : " cycles"));
    } else {
      (cycles < wanted.getAsInt() ? missing : evidence)
          .add(cycles + " of " + wanted.getAsInt() + " cycles");
    }
  }

  private static void weigh(
      SuccessCheckOutcome outcome, String command, List<String> evidence, List<String> missing) {
    if (outcome instanceof SuccessCheckOutcome.OutOfTime late) {
      missing.add(command + " did not end within " + Durations.brief(late.limit()));
    } else if (outcome instanceof SuccessCheckOutcome.Ended ended) {
      (ended.exitCode() == 0 ? evidence : missing)
          .add(command + " ended with exit code " + ended.exitCode());
    }
  }

  private void look(
      Spec spec, Path file, String owner, List<String> evidence, List<String> missing) {
    Path path = spec.workingDirectory().resolve(file);
    String quoted = Quoting.of(file.toString());
    UserFileAccess.PathKind kind;
    try {
      kind = files.look(owner, List.of(path)).get(0);
    } catch (UncheckedIOException e) {
      missing.add(quoted + " cannot be checked: " + e.getMessage());
      return;
    }
    switch (kind) {
      case NOTHING -> missing.add(quoted + " does not exist");
      case HIDDEN -> missing.add(quoted + " is not accessible");
      case FOLDER, LOCKED_FOLDER, PROGRAM, FILE -> evidence.add(quoted + " exists");
    }
  }
}
