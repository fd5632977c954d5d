package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import io.coord.runner.CompletionResult;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import java.util.List;
import java.util.Optional;

/**
 * What was seen of one experiment at one moment.
 *
 * @param experiment the experiment as it was when the observation was asked for
 * @param unit its unit; empty if it is not loaded
 * @param records the exit records that were not accounted for then, oldest first
 * @param completion the verified completion of a last run that claims success; empty if it does not
 * @param conclusive whether no start or stop of it was under way during the observation, so that a
 *     run that left no trace has not happened
 * @param managerStopping whether the service manager is going down, so that units end for no reason
 *     of their own
 */
public record Observation(
    Experiment experiment,
    Optional<UnitStatus> unit,
    List<ExitRecord> records,
    Optional<CompletionResult> completion,
    boolean conclusive,
    boolean managerStopping) {

  /** The experiment's id. */
  public String id() {
    return experiment.id();
  }

  /** Whether the unit is loaded and not down. */
  public boolean isUp() {
    return unit.isPresent() && !unit.get().isDown();
  }
}
