package io.coord.scheduler.core.reconcile;

import io.coord.persistence.Phase;
import io.coord.systemd.ActiveState;
import io.coord.systemd.UnitStatus;

/** What the state of a unit means for its experiment. */
final class UnitCondition {
  /** ExecMainCode of a process that exited; larger for one that a signal ended. */
  private static final int CLD_EXITED = 1;

  private UnitCondition() {}

  /** Whether the unit is on its way up or down, so that its next state must be awaited. */
  static boolean isInTransition(UnitStatus unit, Phase phase) {
    return unit.active() != ActiveState.ACTIVE && !unit.isDown() && !awaitsRestart(unit, phase);
  }

  /**
   * Whether the next run begins after a delay: systemd's own, or the part of it that the unit waits
   * for before it starts (which at a dispatch is no delay, only the way to the start).
   */
  static boolean awaitsRestart(UnitStatus unit, Phase phase) {
    boolean beforeStart = unit.active() == ActiveState.ACTIVATING && unit.sub().equals("start-pre");
    return unit.awaitsRestart()
        || (beforeStart && (phase instanceof Phase.Running || phase instanceof Phase.Restarting));
  }

  /** Whether no process of the unit is left; a start may be queued. */
  static boolean isOver(UnitStatus unit) {
    return unit.active() == ActiveState.INACTIVE || isFailed(unit);
  }

  static boolean isFailed(UnitStatus unit) {
    return unit.active() == ActiveState.FAILED;
  }

  /** Whether a stop found the unit waiting for its restart: it then shows the result before it. */
  static boolean wasAwaitingRestart(UnitStatus unit) {
    return unit.active() == ActiveState.INACTIVE && !unit.result().equals("success");
  }

  /**
   * Whether the unit is down after an end after which systemd restarts it, while restarts are left:
   * only a stop prevents that. A signal that systemd takes for a clean end is such an end too.
   */
  static boolean wouldHaveRestarted(UnitStatus unit) {
    return unit.active() == ActiveState.INACTIVE
        && (wasAwaitingRestart(unit) || unit.mainProcess().code() > CLD_EXITED);
  }

  /** Whether systemd restarts the unit no more. */
  static boolean hitStartLimit(UnitStatus unit) {
    return isFailed(unit) && unit.result().equals("start-limit-hit");
  }
}
