package io.coord.scheduler.loop;

import io.coord.persistence.Change;

/**
 * Learns of the transitions of experiments. The one place where notifications, events, metrics and
 * log lines about experiments attach.
 */
public interface TransitionListener {
  /**
   * A transition was stored.
   *
   * <p>Called in the loop's thread, in the order of the transitions, after their commit and before
   * the effects of the same decision. The ledger and the state have the transition. The method must
   * return without waiting; an exception is logged and disturbs neither the loop nor other
   * listeners.
   */
  void transitionStored(Change.Moved transition);
}
