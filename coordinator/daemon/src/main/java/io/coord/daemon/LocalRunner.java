package io.coord.daemon;

import io.coord.runner.CompletionResult;
import io.coord.runner.Deadline;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RunClaim;
import io.coord.runner.RunnerFacts;
import io.coord.runner.RunnerRecords;
import io.coord.runner.Spec;
import io.coord.runner.UserFileAccess;
import io.coord.runner.Validated;
import io.coord.runner.files.CompletionCheck;
import io.coord.runner.files.DirectFileAccess;
import io.coord.runner.files.LaunchPlanner;
import io.coord.runner.files.ProgramFormat;
import io.coord.runner.setpriv.SetprivFileAccess;
import io.coord.runner.sqlite.SqliteRunnerRecords;
import io.coord.scheduler.executor.Runner;
import io.coord.scheduler.executor.UserAccounts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The runner adapter on the files of this machine. Threads may share it. */
final class LocalRunner implements Runner {
  private final LaunchPlanner planner;
  private final ProgramFormat formats;
  private final RunnerRecords records;
  private final CompletionCheck completion;

  private LocalRunner(
      LaunchPlanner planner,
      ProgramFormat formats,
      RunnerRecords records,
      CompletionCheck completion) {
    this.planner = planner;
    this.formats = formats;
    this.records = records;
    this.completion = completion;
  }

  /**
   * Prepares the directory for copies of files.
   *
   * @param scratch may contain files that a killed daemon left
   */
  static LocalRunner open(Path scratch, UserAccounts accounts) throws IOException {
    Path copies = scratch.resolve("looks");
    StateDirectories.clear(copies);
    UserFileAccess files =
        accounts.asOwner() ? new SetprivFileAccess(copies) : new DirectFileAccess();
    RunnerRecords records = new SqliteRunnerRecords(scratch, files, System::nanoTime);
    return new LocalRunner(
        new LaunchPlanner(files),
        ProgramFormat.ofThisMachine(files),
        records,
        new CompletionCheck(records, files));
  }

  @Override
  public Validated<LaunchPlan> plan(Spec spec, Path folder, String owner) {
    return planner.plan(spec, folder, owner);
  }

  @Override
  public Optional<String> formatProblem(LaunchPlan plan, String owner) {
    return formats.problem(Path.of(plan.argv().get(0)), owner);
  }

  @Override
  public CompletionResult verify(
      Spec spec, Path folder, String owner, RunClaim claim, Duration patience) {
    return completion.verify(
        spec, folder, owner, claim, Deadline.in(patience.toNanos(), System::nanoTime));
  }

  @Override
  public CompletableFuture<Optional<RunnerFacts>> facts(Spec spec, Path folder, String owner) {
    return CompletableFuture.completedFuture(
        records.of(spec, folder, owner, RunnerRecords.LOOK) instanceof RunnerFacts facts
            ? Optional.of(facts)
            : Optional.empty());
  }
}
