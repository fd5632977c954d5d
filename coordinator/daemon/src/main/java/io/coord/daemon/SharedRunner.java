package io.coord.daemon;

import io.coord.runner.CompletionResult;
import io.coord.runner.Durations;
import io.coord.runner.LaunchPlan;
import io.coord.runner.Quoting;
import io.coord.runner.RunClaim;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import io.coord.runner.Validated;
import io.coord.scheduler.executor.Runner;
import io.coord.scheduler.executor.UserLooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A runner for threads that answer requests: its looks take their turn among those of the same
 * user, and a thread waits a limited time for each. Threads may share it.
 */
final class SharedRunner implements Runner {
  /** Longer than a look takes that is abandoned, and the one before it. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Runner runner;
  private final UserLooks looks;
  private final Duration patience;

  SharedRunner(Runner runner, UserLooks looks, Duration patience) {
    this.runner = runner;
    this.looks = looks;
    this.patience = patience;
  }

  @Override
  public Validated<LaunchPlan> plan(Spec spec, Path folder, String owner) {
    return look(owner, patience, () -> runner.plan(spec, folder, owner));
  }

  @Override
  public Optional<String> formatProblem(LaunchPlan plan, String owner) {
    return look(owner, patience, () -> runner.formatProblem(plan, owner));
  }

  @Override
  public CompletionResult verify(
      Spec spec, Path folder, String owner, RunClaim claim, Duration time) {
    try {
      return look(
          owner, patience.plus(time), () -> runner.verify(spec, folder, owner, claim, time));
    } catch (UncheckedIOException e) {
      return new CompletionResult.NotVerifiable(String.valueOf(e.getMessage()));
    }
  }

  /** Nothing is shown of records that cannot be read in time. */
  @Override
  public CompletableFuture<Optional<RunnerFacts>> facts(Spec spec, Path folder, String owner) {
    return begin(owner, () -> runner.facts(spec, folder, owner).join())
        .completeOnTimeout(Optional.empty(), patience.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(problem -> Optional.empty());
  }

  private <T> T look(String owner, Duration time, Supplier<T> look) {
    CompletableFuture<T> found = begin(owner, look);
    try {
      return found.get(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      found.cancel(false);
      throw unknown(
          owner,
          "it took longer than " + Durations.brief(time) + "; one of its directories may hang");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unknown(owner, "the coordinator is stopping");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new CompletionException(e);
    }
  }

  private <T> CompletableFuture<T> begin(String owner, Supplier<T> look) {
    CompletableFuture<T> found = new CompletableFuture<>();
    boolean begun =
        looks.begin(
            owner,
            () -> {
              // Whoever asked may have given up before its turn came.
              if (!found.isDone()) {
                answer(found, look);
              }
            });
    return begun ? found : CompletableFuture.failedFuture(unknown(owner, UserLooks.refusal(owner)));
  }

  private static <T> void answer(CompletableFuture<T> found, Supplier<T> look) {
    try {
      found.complete(look.get());
    } catch (RuntimeException e) {
      found.completeExceptionally(e);
    }
  }

  private static UncheckedIOException unknown(String owner, String why) {
    return new UncheckedIOException(
        "cannot look at files as " + Quoting.of(owner) + ": " + why, new IOException(why));
  }
}
