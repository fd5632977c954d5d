package io.coord.runner;

import java.nio.file.Path;

/** Access to what a runner has recorded. */
public interface RunnerRecords {
  /**
   * What the runner of an experiment has recorded about it; throws nothing and takes a few seconds
   * at most.
   *
   * @param folder the experiment's own
   * @param owner the account that owns it
   */
  RunnerReport of(Spec spec, Path folder, String owner);
}
