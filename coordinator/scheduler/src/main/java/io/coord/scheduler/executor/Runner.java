package io.coord.scheduler.executor;

import io.coord.runner.CompletionResult;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RunClaim;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What the executor needs of the runner adapter. It reads files with the rights of the experiment's
 * owner; tests replace it.
 */
public interface Runner {
  /**
   * How the experiment is started, or all reasons why it cannot be.
   *
   * @param folder the experiment's own
   * @param owner the account that it belongs to
   * @throws java.io.UncheckedIOException if that cannot be determined now
   */
  Validated<LaunchPlan> plan(Spec spec, Path folder, String owner);

  /**
   * Why the kernel would not execute the program of a plan; empty if it would, or if that cannot be
   * told.
   *
   * @param owner the account that it runs as
   * @throws java.io.UncheckedIOException if that cannot be determined now
   */
  default Optional<String> formatProblem(LaunchPlan plan, String owner) {
    return Optional.empty();
  }

  /**
   * Whether a run that ended with success has completed the experiment.
   *
   * @param folder the experiment's own
   * @param owner the account that it belongs to
   * @param claim what is known of the run
   * @param patience how long the look at the evidence may take
   */
  CompletionResult verify(Spec spec, Path folder, String owner, RunClaim claim, Duration patience);

  /**
   * The records of the experiment's own runner; empty if it keeps none, or if they cannot be read.
   * Returns without waiting for them, unless this runner is for threads that may wait.
   *
   * @param folder the experiment's own
   * @param owner the account that it belongs to
   */
  CompletableFuture<Optional<RunnerFacts>> facts(Spec spec, Path folder, String owner);
}
