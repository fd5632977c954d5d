package io.coord.runner;

import java.nio.file.Path;
import java.time.Duration;

/** Access to what a runner has recorded. */
public interface RunnerRecords {
  /** Where a process has to be started for it, on a board at work, it takes some tenths of it. */
  Duration LOOK = Duration.ofSeconds(3);

  /**
   * What the runner of an experiment has recorded about it; throws nothing.
   *
   * @param folder the experiment's own
   * @param owner the account that owns it
   * @param patience how long it takes at most; {@link #LOOK} where nothing depends on it
   */
  RunnerReport of(Spec spec, Path folder, String owner, Duration patience);
}
