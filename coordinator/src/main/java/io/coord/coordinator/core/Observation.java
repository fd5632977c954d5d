package io.coord.coordinator.core;

import io.coord.runner.Verdict;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import java.util.List;
import java.util.Optional;

/**
 * All that was seen of one experiment in one look.
 *
 * @param id the experiment
 * @param unit its unit; empty if it is not loaded
 * @param firstRecord the index of the first of {@code records} among all exit records of the unit
 * @param records exit records from there on, oldest first
 * @param verdict what the adapter says to the last run's claim of success; empty if it makes none
 * @param conclusive whether no start or stop of it was under way during the look, so that one that
 *     left no trace has not happened
 * @param managerStopping whether the service manager is going down, so that units end for no reason
 *     of their own
 */
public record Observation(
    String id,
    Optional<UnitStatus> unit,
    int firstRecord,
    List<ExitRecord> records,
    Optional<Verdict> verdict,
    boolean conclusive,
    boolean managerStopping) {

  /** Whether the unit is loaded and not down. */
  boolean isUp() {
    return unit.isPresent() && !unit.get().isDown();
  }
}
