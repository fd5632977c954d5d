package io.coord.scheduler.core.decision;

import io.coord.persistence.Change;
import io.coord.scheduler.core.state.StateUpdate;
import java.util.List;

/**
 * What follows from one event.
 *
 * @param update what to store, all or none, before anything else is done, and to apply then
 * @param effects what to do then, in this order
 */
public record Decision(StateUpdate update, List<Effect> effects) {
  public Decision {
    effects = List.copyOf(effects);
  }

  /** The facts to store. */
  public List<Change> changes() {
    return update.changes();
  }

  /** Whether nothing is to be stored or done. */
  public boolean isEmpty() {
    return changes().isEmpty() && effects.isEmpty();
  }
}
