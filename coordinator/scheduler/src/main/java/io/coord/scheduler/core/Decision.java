package io.coord.scheduler.core;

import io.coord.persistence.Change;
import io.coord.persistence.ExperimentState;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What follows from one event.
 *
 * @param changes facts to store, all or none, before anything else is done
 * @param runtime the surroundings from now on
 * @param effects what to do then, in this order
 * @param ends how experiments ended that those enqueued now wait for; empty where that is no longer
 *     known
 */
public record Decision(
    List<Change> changes,
    RuntimeState runtime,
    List<Effect> effects,
    SortedMap<String, Optional<ExperimentState>> ends) {
  public Decision {
    changes = List.copyOf(changes);
    effects = List.copyOf(effects);
  }

  /** Whether nothing is to be stored or done. */
  public boolean isEmpty() {
    return changes.isEmpty() && effects.isEmpty();
  }
}
