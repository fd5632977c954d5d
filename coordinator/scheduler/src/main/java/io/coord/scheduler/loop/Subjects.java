package io.coord.scheduler.loop;

import io.coord.persistence.Change;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.event.Event;
import java.util.List;
import java.util.Optional;

/** The one experiment that something is about. */
final class Subjects {
  private Subjects() {}

  /** The experiment that an event is about; empty if it is about several or none. */
  static Optional<String> of(Event event) {
    if (event instanceof Event.Observed observed) {
      return Optional.of(observed.observation().id());
    }
    if (event instanceof Event.UnitChanged changed) {
      return Optional.of(changed.id());
    }
    if (event instanceof Event.StartAnswered answered) {
      return Optional.of(answered.id());
    }
    return event instanceof Event.DispatchFailed failed
        ? Optional.of(failed.id())
        : Optional.empty();
  }

  /**
   * The experiment that all changes of a decision are about; empty if there are several or none.
   */
  static Optional<String> of(Decision decision) {
    List<String> ids =
        decision.changes().stream()
            .map(change -> change instanceof Change.OfExperiment one ? one.id() : "")
            .distinct()
            .toList();
    return ids.size() == 1 && !ids.get(0).isEmpty() ? Optional.of(ids.get(0)) : Optional.empty();
  }
}
