package io.coord.scheduler.executor;

import io.coord.runner.CompletionResult;
import io.coord.runner.CycleReport;
import io.coord.runner.LaunchPlan;
import io.coord.runner.RunnerFacts;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCheckOutcome;
import io.coord.runner.Validated;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the hands need of the runner adapter; it looks at files, so tests can put another in. It
 * sees and reads what the experiment's owner could, and no more.
 */
public interface Runner {
  /**
   * How the experiment is started, or everything that keeps it from being started.
   *
   * @param folder the experiment's own
   * @param owner the account that it belongs to
   * @throws java.io.UncheckedIOException if that cannot be told now
   */
  Validated<LaunchPlan> plan(Spec spec, Path folder, String owner);

  /**
   * Whether a run that ended with success has completed the experiment.
   *
   * @param folder the experiment's own
   * @param owner the account that it belongs to
   * @param last the run's last report; empty if it made none or nobody was there to hear it
   * @param check what came of the spec's check; empty if it has none, or if that is not known
   */
  CompletionResult verify(
      Spec spec,
      Path folder,
      String owner,
      Optional<CycleReport> last,
      Optional<SuccessCheckOutcome> check);

  /**
   * What the experiment's own runner has noted of it; empty if it keeps no such notes, or they
   * cannot be read. May take some seconds.
   *
   * @param folder the experiment's own
   * @param owner the account that it belongs to
   */
  Optional<RunnerFacts> facts(Spec spec, Path folder, String owner);
}
