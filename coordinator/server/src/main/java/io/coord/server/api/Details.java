package io.coord.server.api;

import io.coord.persistence.Run;
import io.coord.persistence.RunMeasures;
import io.coord.persistence.Transition;
import io.coord.runner.RunnerFacts;
import io.coord.scheduler.executor.OutputDestination;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All about one experiment.
 *
 * @param shown the experiment and why it is where it is
 * @param runs its runs by number
 * @param measures what was measured of its runs, by invocation; without those that were not
 * @param transitions its transitions, oldest first
 * @param output the file that holds its output, where that goes to a file
 * @param outputTo where it goes
 * @param facts what its own runner has noted of it; empty if there is nothing
 */
public record Details(
    StatusSummary.Shown shown,
    List<Run> runs,
    Map<String, RunMeasures> measures,
    List<Transition> transitions,
    Path output,
    OutputDestination outputTo,
    Optional<RunnerFacts> facts) {

  /** Where its output is, for people: a path, or the words by which the journal is asked. */
  public String outputPlace() {
    return outputTo == OutputDestination.FILE ? output.toString() : journalctl();
  }

  /** The command that shows its output where that goes to the journal, and systemd's own lines. */
  public String journalctl() {
    return "journalctl -t brain-experiment-" + shown.experiment().id();
  }

  /** What the machine was like while a run was running; empty if it was not measured. */
  public Optional<RunMeasures> measured(Run run) {
    return Optional.ofNullable(measures.get(run.invocation()));
  }
}
