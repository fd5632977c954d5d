package io.coord.scheduler.executor;

import io.coord.runner.LaunchPlan;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.Limits;
import io.coord.systemd.InstanceSpec;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Makes systemd settings of a spec, its launch plan and its limits. */
public final class InstanceSpecFactory {
  private final Optional<Integer> defaultCpuQuotaPercent;
  private final OutputDestination outputTo;

  /**
   * @param defaultCpuQuotaPercent for experiments that name none; empty leaves it to the unit
   *     template
   * @param outputTo where their output goes
   */
  public InstanceSpecFactory(Optional<Integer> defaultCpuQuotaPercent, OutputDestination outputTo) {
    this.defaultCpuQuotaPercent = defaultCpuQuotaPercent;
    this.outputTo = outputTo;
  }

  /**
   * The instance that this run needs.
   *
   * @param user the account it runs as; empty for the service manager's own
   * @param output the file for its output, where that goes to a file
   */
  public InstanceSpec of(
      NextRun run,
      RunLimits limits,
      Spec spec,
      LaunchPlan launch,
      Optional<String> user,
      Path output) {
    return new InstanceSpec(
        run.experiment(),
        "coord experiment " + run.experiment() + (spec.name().isEmpty() ? "" : ": " + spec.name()),
        new InstanceSpec.Exec(
            user,
            launch.argv(),
            launch.workingDirectory(),
            launch.environment(),
            outputTo == OutputDestination.FILE ? Optional.of(output) : Optional.empty()),
        run.context(),
        new InstanceSpec.ResourceControl(
            OptionalLong.of(limits.ramBytes()), cpuQuotaPercent(spec), OptionalInt.empty()),
        restartSettings(run, spec, limits.restarts()),
        new InstanceSpec.Timeouts(
            spec.times().stopTimeout(), limits.runtime(), spec.times().watchdog()),
        new InstanceSpec.SuccessSettings(
            spec.success().codes(),
            launch.successCommand().isEmpty()
                ? Optional.empty()
                : Optional.of(
                    new InstanceSpec.SuccessCheck(launch.successCommand(), Limits.ofCheck(spec))),
            spec.success().file().map(spec.workingDirectory()::resolve),
            spec.success().childOomAllowed()));
  }

  private OptionalInt cpuQuotaPercent(Spec spec) {
    return spec.resources().cpuQuotaPercent().isPresent()
        ? spec.resources().cpuQuotaPercent()
        : defaultCpuQuotaPercent.map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  private static InstanceSpec.RestartSettings restartSettings(
      NextRun run, Spec spec, int restarts) {
    return new InstanceSpec.RestartSettings(
        spec.restart().delay(),
        OptionalInt.of(restarts),
        Optional.of(spec.restart().intervalOrDefault()),
        spec.restart().maxDelay().map(max -> new InstanceSpec.Backoff(max, run.crashes())));
  }

  /** Where their output goes. */
  public OutputDestination outputTo() {
    return outputTo;
  }
}
