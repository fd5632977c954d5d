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
    InstanceSpecFactory instances) {

  static LaunchEnvironment open(Paths paths, StateDirectories state, Settings settings)
      throws IOException {
    UserAccounts accounts =
        paths.user() ? UserAccounts.ONE_USERS : new SystemUserAccounts(settings.runAsRoot());
    return new LaunchEnvironment(
        accounts,
        new ExperimentDirectoriesOnDisk(paths.state()),
        LocalRunner.open(state.runnerScratch(), accounts),
        new InstanceSpecFactory(
            Optional.of(settings.defaults().cpuQuotaPercent()), settings.defaults().output()));
  }
}
