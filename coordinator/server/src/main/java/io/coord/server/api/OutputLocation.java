package io.coord.server.api;

import io.coord.scheduler.executor.OutputDestination;
import java.nio.file.Path;

/**
 * Where the output of an experiment goes.
 *
 * @param id the experiment
 * @param destination where it goes now
 * @param file the file that holds it, where it goes to a file; it may hold that of earlier runs
 *     also where it does not
 */
public record OutputLocation(String id, OutputDestination destination, Path file) {

  /** For people: a path, or the command that asks the journal. */
  public String text() {
    return destination == OutputDestination.FILE ? file.toString() : journalctl();
  }

  /** The command that shows the output where it goes to the journal, and systemd's own lines. */
  public String journalctl() {
    return "journalctl -t brain-experiment-" + id;
  }
}
