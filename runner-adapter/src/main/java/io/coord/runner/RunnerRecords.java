package io.coord.runner;

import java.nio.file.Path;

/** Where it is looked up what a runner has noted. */
public interface RunnerRecords {
  /**
   * What the runner of an experiment has noted of it; never an exception, and never a longer wait
   * than some seconds.
   *
   * @param folder the experiment's own
   * @param owner the account that it belongs to
   */
  RunnerReport of(Spec spec, Path folder, String owner);
}
