package io.coord.runner.files;

import io.coord.runner.CompletionResult;
import io.coord.runner.Deadline;
import io.coord.runner.Quoting;
import io.coord.runner.RunClaim;
import io.coord.runner.RunnerRecords;
import io.coord.runner.Spec;
import io.coord.runner.UserFileAccess;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Verifies that an experiment whose run claims success is complete: by what its runner has
 * recorded, else by what it reported, by the file it was to write, and by the check that was run
 * after it. Evidence that must be there and is missing means that it is not complete; evidence that
 * cannot be read now leaves that open.
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
   * @param deadline when each look at a file is abandoned
   */
  public CompletionResult verify(
      Spec spec, Path folder, String owner, RunClaim claim, Deadline deadline) {
    CompletionEvidence evidence = new CompletionEvidence();
    if (spec.task() instanceof Spec.Config config) {
      Duration patience = Duration.ofNanos(Math.max(0, deadline.leftNanos()));
      evidence.weigh(records.of(spec, folder, owner, patience), config, claim);
    } else {
      evidence.weigh(claim, OptionalInt.empty());
    }
    spec.success()
        .file()
        .ifPresent(
            file ->
                weigh(
                    file, spec.workingDirectory().resolve(file), owner, claim, evidence, deadline));
    if (!spec.success().command().isEmpty()) {
      evidence.weigh(
          claim.check(), "the check " + Quoting.of(String.join(" ", spec.success().command())));
    }
    return evidence.result(
        spec.success().codes().isEmpty() ? "exited with 0" : "exited with an accepted code");
  }

  private void weigh(
      Path file,
      Path path,
      String owner,
      RunClaim claim,
      CompletionEvidence evidence,
      Deadline deadline) {
    String quoted = Quoting.of(file.toString());
    UserFileAccess.PathFacts facts;
    try {
      facts = files.facts(owner, path, deadline);
    } catch (UncheckedIOException e) {
      evidence.unknown(quoted + " cannot be checked: " + e.getMessage());
      return;
    }
    switch (facts.kind()) {
      case NOTHING -> evidence.missing(quoted + " does not exist");
      // The run had the same rights: it cannot have written the file.
      case HIDDEN -> evidence.missing(quoted + " is not accessible");
      case FOLDER, LOCKED_FOLDER, PROGRAM, FILE -> {
        if (isOlder(facts, claim)) {
          evidence.missing(quoted + " is older than the run");
        } else {
          evidence.proof(quoted + " exists");
        }
      }
    }
  }

  /**
   * Whether a file was there before the run and has not been changed since. By what it was at the
   * start, which no clock disturbs; without that by the time of its last change.
   */
  private static boolean isOlder(UserFileAccess.PathFacts facts, RunClaim claim) {
    if (claim.fileAtStart().isPresent() && facts.stamp().isPresent()) {
      return claim.fileAtStart().equals(facts.stamp());
    }
    Optional<Instant> changed = facts.changedAt();
    return claim.fileAtStart().isEmpty()
        && changed.isPresent()
        && claim.startedAt().filter(start -> changed.get().isBefore(start)).isPresent();
  }
}
