package io.coord.scheduler.executor;

import io.coord.persistence.Experiment;
import io.coord.persistence.Progress;
import io.coord.runner.LaunchPlan;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.Limits;
import io.coord.systemd.InstanceSpec;
import io.coord.systemd.RunContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Makes the systemd instance of an experiment. */
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
   * The instance of an experiment.
   *
   * @param user the account it runs as; empty for the service manager's own
   * @param output the file for its output, where that goes to a file
   */
  public InstanceSpec of(
      Experiment experiment,
      Spec spec,
      LaunchPlan launch,
      int restartLimit,
      Optional<Duration> runtimeLeft,
      Optional<String> user,
      Path output) {
    return new InstanceSpec(
        experiment.id(),
        "coord experiment " + experiment.id() + (spec.name().isEmpty() ? "" : ": " + spec.name()),
        new InstanceSpec.Exec(
            user,
            launch.argv(),
            launch.workingDirectory(),
            launch.environment(),
            outputTo == OutputDestination.FILE ? Optional.of(output) : Optional.empty()),
        contextOfNextRun(experiment),
        new InstanceSpec.ResourceControl(
            OptionalLong.of(experiment.submission().ramBytes()),
            cpuQuotaPercent(spec),
            OptionalInt.empty()),
        restartSettings(experiment, spec, restartLimit),
        new InstanceSpec.Timeouts(spec.times().stopTimeout(), runtimeLeft, spec.times().watchdog()),
        new InstanceSpec.SuccessSettings(
            spec.success().codes(),
            launch.successCommand().isEmpty()
                ? Optional.empty()
                : Optional.of(
                    new InstanceSpec.SuccessCheck(launch.successCommand(), Limits.ofCheck(spec)))));
  }

  private OptionalInt cpuQuotaPercent(Spec spec) {
    return spec.resources().cpuQuotaPercent().isPresent()
        ? spec.resources().cpuQuotaPercent()
        : defaultCpuQuotaPercent.map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  private static InstanceSpec.RestartSettings restartSettings(
      Experiment experiment, Spec spec, int restartLimit) {
    return new InstanceSpec.RestartSettings(
        spec.restart().delay(),
        OptionalInt.of(restartLimit),
        Optional.of(spec.restart().intervalOrDefault()),
        spec.restart()
            .maxDelay()
            .map(max -> new InstanceSpec.Backoff(max, experiment.counts().crashes())));
  }

  /** Where their output goes. */
  public OutputDestination outputTo() {
    return outputTo;
  }

  /**
   * What the next run of an experiment is told about those before it, as far as their ends are
   * accounted for: {@code prepare-run} adds one for each exit record that is not.
   */
  static RunContext contextOfNextRun(Experiment experiment) {
    int ended = experiment.counts().runs() - (experiment.phase().openRun().isPresent() ? 1 : 0);
    Map<String, String> context = new LinkedHashMap<>();
    context.put("COORD_EXPERIMENT_ID", experiment.id());
    context.put("COORD_RUN", Integer.toString(ended + 1));
    context.put("COORD_CRASH_COUNT", Integer.toString(experiment.counts().crashes()));
    context.put("COORD_RESUME", ended > 0 ? "1" : "0");
    context.put(
        "COORD_LAST_CYCLE", Integer.toString(experiment.progress().map(Progress::cycle).orElse(0)));
    return new RunContext(context, experiment.counts().recordsSeen());
  }
}
