package io.coord.daemon;

import io.coord.scheduler.executor.ExperimentDirectories;
import io.coord.scheduler.executor.InstanceSpecFactory;
import io.coord.scheduler.executor.Runner;
import io.coord.scheduler.executor.UserAccounts;
import java.io.IOException;
import java.util.Optional;

/** What experiments are launched with: accounts, directories, the runner adapter, defaults. */
record LaunchEnvironment(
    UserAccounts accounts,
    ExperimentDirectories directories,
    Runner runner,
    InstanceSpecFactory instances,
    LookPool looks,
    OutputFolder output) {

  /** The runner for the threads that answer requests. */
  Runner sharedRunner() {
    return new SharedRunner(runner, looks, SharedRunner.PATIENCE);
  }

  static LaunchEnvironment open(
      Paths paths, StateDirectories state, Settings settings, Lifecycle lifecycle)
      throws IOException {
    UserAccounts accounts =
        paths.user() ? UserAccounts.ONE_USERS : new SystemUserAccounts(settings.runAsRoot());
    return new LaunchEnvironment(
        accounts,
        new ExperimentDirectoriesOnDisk(paths.state()),
        LocalRunner.open(state.runnerScratch(), accounts),
        new InstanceSpecFactory(
            Optional.of(settings.defaults().cpuQuotaPercent()), settings.defaults().output()),
        lifecycle.opened("looks at files", new LookPool()),
        new OutputFolder(ExperimentDirectoriesOnDisk.outputs(paths.state()), paths.user()));
  }
}
