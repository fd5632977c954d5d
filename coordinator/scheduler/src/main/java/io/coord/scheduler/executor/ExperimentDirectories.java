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
   * manager opens it with its own rights, and a user must not be able to replace it with a link.
   */
  Path output(String id);

  /**
   * Creates the folder with the files, and an empty output file, all or nothing. An existing folder
   * is not changed: it belongs to the owner.
   *
   * @param owner the account that they are for; empty for the coordinator's own
   * @throws java.io.UncheckedIOException if that cannot be done
   */
  void prepare(String id, Optional<String> owner, Map<Path, String> files);
}
