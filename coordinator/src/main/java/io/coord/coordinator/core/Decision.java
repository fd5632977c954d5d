package io.coord.coordinator.core;

import io.coord.persistence.Change;
import java.util.List;

/**
 * What follows from one event.
 *
 * @param changes facts to store, all or none, before anything else is done
 * @param surroundings the surroundings from now on
 * @param effects what to do then, in this order
 */
public record Decision(List<Change> changes, Surroundings surroundings, List<Effect> effects) {
  public Decision {
    changes = List.copyOf(changes);
    effects = List.copyOf(effects);
  }

  /** Whether nothing is to be stored or done. */
  public boolean isEmpty() {
    return changes.isEmpty() && effects.isEmpty();
  }
}
