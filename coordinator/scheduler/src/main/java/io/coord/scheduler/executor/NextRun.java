package io.coord.scheduler.executor;

import io.coord.persistence.Experiment;
import io.coord.persistence.Progress;
import io.coord.persistence.RunCounts;
import io.coord.systemd.RunContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The run that an experiment starts next, and what that run is told about the runs before it.
 *
 * @param experiment the experiment's id
 * @param number 1 for the first run
 * @param crashes how many runs before it crashed
 * @param lastCycle the last cycle that was reported; 0 if none was
 * @param recordsSeen how many exit records the other figures account for: {@code prepare-run} adds
 *     one for each record that was left since
 * @param origin what the run and its exit record are marked with; empty before the experiment is
 *     enqueued
 */
public record NextRun(
    String experiment,
    int number,
    int crashes,
    int lastCycle,
    int recordsSeen,
    Optional<String> origin) {

  /** The first run of an experiment. */
  public static NextRun first(String experiment) {
    return new NextRun(experiment, 1, 0, 0, 0, Optional.empty());
  }

  /**
   * The run that follows those whose end is stored.
   *
   * @param ledger the id of the ledger
   */
  static NextRun of(Experiment experiment, String ledger) {
    RunCounts counts = experiment.counts();
    int ended = counts.runs() - (experiment.phase().openRun().isPresent() ? 1 : 0);
    return new NextRun(
        experiment.id(),
        ended + 1,
        counts.crashes(),
        experiment.progress().map(Progress::cycle).orElse(0),
        counts.recordsSeen(),
        Optional.of(OriginMark.of(experiment, ledger)));
  }

  /** The environment variables that the run is given. */
  RunContext context() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("COORD_EXPERIMENT_ID", experiment);
    variables.put("COORD_RUN", Integer.toString(number));
    variables.put("COORD_CRASH_COUNT", Integer.toString(crashes));
    variables.put("COORD_RESUME", number > 1 ? "1" : "0");
    variables.put("COORD_LAST_CYCLE", Integer.toString(lastCycle));
    return new RunContext(variables, recordsSeen, origin);
  }
}
