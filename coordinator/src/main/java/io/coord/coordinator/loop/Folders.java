package io.coord.coordinator.loop;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The folder that each experiment has for its output and its files. */
public interface Folders {
  /** The folder of this experiment, whether or not it exists. */
  Path of(String id);

  /** The file that its output is appended to. */
  default Path output(String id) {
    return of(id).resolve("output.log");
  }

  /**
   * Makes the folder and writes the files into it, each whole or not at all.
   *
   * @param owner the account that it is for; empty for the coordinator's own
   * @throws java.io.UncheckedIOException if that cannot be done
   */
  void prepare(String id, Optional<String> owner, Map<Path, String> files);
}
