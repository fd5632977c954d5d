package io.coord.scheduler.executor;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The folder that each experiment has for its output and its files. */
public interface ExperimentDirectories {
  /** The folder of this experiment, whether or not it exists. */
  Path of(String id);

  /**
   * The file that its output is appended to. It is not in the experiment's folder: the service
   * manager opens it with its own rights, so nobody else may put a link in its place.
   */
  Path output(String id);

  /**
   * Makes the folder with the files in it, and an empty output file, all or nothing. Where there is
   * a folder already it is left as it is, as by now it is its owner's.
   *
   * @param owner the account that they are for; empty for the coordinator's own
   * @throws java.io.UncheckedIOException if that cannot be done
   */
  void prepare(String id, Optional<String> owner, Map<Path, String> files);
}
