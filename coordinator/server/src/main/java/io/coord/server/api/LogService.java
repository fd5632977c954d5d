package io.coord.server.api;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.executor.ExperimentDirectories;
import io.coord.scheduler.executor.OutputDestination;
import io.coord.scheduler.executor.OutputRanges;
import java.util.concurrent.CompletableFuture;

/** Says where the output of experiments is, and who may read it. */
public final class LogService {

  /** What a caller who wants to read output gets. */
  public sealed interface Access {}

  /** The caller may read it. */
  public record Granted(OutputLocation output) implements Access {}

  /** The caller may not, or there is no such experiment. */
  public record Denied(Refusal refusal) implements Access {}

  private final ExperimentLookup lookup;
  private final ExperimentDirectories directories;
  private final OutputDestination destination;
  private final OutputRanges ranges;

  LogService(
      ExperimentLookup lookup,
      ExperimentDirectories directories,
      OutputDestination destination,
      OutputRanges ranges) {
    this.lookup = lookup;
    this.directories = directories;
    this.destination = destination;
    this.ranges = ranges;
  }

  /** Finds what is left of output. */
  public OutputRanges ranges() {
    return ranges;
  }

  /** Where the output of an experiment is, for a caller who may read it. */
  public CompletableFuture<Access> output(String id, Caller caller) {
    return lookup
        .find(id)
        .thenApply(
            found -> {
              if (found.isEmpty()) {
                return new Denied(lookup.unknown("show the output of", id));
              }
              Experiment experiment = found.get().experiment();
              return caller.mayControl(experiment)
                  ? new Granted(locate(id))
                  : new Denied(
                      new Refusal(
                          Refusal.Code.NOT_PERMITTED,
                          "cannot show the output of '"
                              + id
                              + "': owned by "
                              + experiment.submission().owner()));
            });
  }

  /** Where the output of an experiment is, for anybody. */
  OutputLocation locate(String id) {
    return new OutputLocation(id, destination, directories.output(id));
  }
}
