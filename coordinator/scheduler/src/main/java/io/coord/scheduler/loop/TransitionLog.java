package io.coord.scheduler.loop;

import io.coord.persistence.Change;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one line to the log for each transition. */
public final class TransitionLog implements TransitionListener {
  private static final Logger LOG = LoggerFactory.getLogger(TransitionLog.class);

  @Override
  public void transitionStored(Change.Moved transition) {
    LOG.info(
        "'{}' {} -> {}: {}",
        transition.id(),
        transition.from().state().word(),
        transition.to().state().word(),
        transition.reason());
  }
}
