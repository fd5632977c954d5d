package io.coord.scheduler.core.state;

import io.coord.persistence.Change;
import io.coord.persistence.ExperimentState;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What a decision changes in the {@link State}.
 *
 * @param changes facts to store, all or none
 * @param runtime the runtime state from now on
 * @param ends how dependencies of those enqueued now ended; empty where that is no longer known
 * @param specs of the experiments and schedules that are new
 */
public record StateUpdate(
    List<Change> changes,
    RuntimeState runtime,
    SortedMap<String, Optional<ExperimentState>> ends,
    ParsedSpecs specs) {
  public StateUpdate {
    changes = List.copyOf(changes);
  }
}
