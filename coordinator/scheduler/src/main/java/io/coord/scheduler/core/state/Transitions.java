package io.coord.scheduler.core.state;

import static io.coord.persistence.ExperimentState.COMPLETED;
import static io.coord.persistence.ExperimentState.COOLING;
import static io.coord.persistence.ExperimentState.FAILED;
import static io.coord.persistence.ExperimentState.HELD;
import static io.coord.persistence.ExperimentState.PAUSED;
import static io.coord.persistence.ExperimentState.QUEUED;
import static io.coord.persistence.ExperimentState.RESTARTING;
import static io.coord.persistence.ExperimentState.RUNNING;
import static io.coord.persistence.ExperimentState.STARTING;
import static io.coord.persistence.ExperimentState.STOPPED;
import static io.coord.persistence.ExperimentState.STOPPING;
import static io.coord.persistence.ExperimentState.VERIFYING;

import io.coord.persistence.ExperimentState;
import java.util.EnumMap;
import java.util.EnumSet;

/** The one table of allowed transitions. A final state is never left. */
public final class Transitions {

  private static final EnumMap<ExperimentState, EnumSet<ExperimentState>> ALLOWED =
      new EnumMap<>(ExperimentState.class);

  static {
    allow(QUEUED, STARTING, HELD, STOPPED, FAILED);
    // HELD and COOLING to STARTING: somebody started the unit with systemctl.
    allow(HELD, QUEUED, STARTING, STOPPED, FAILED);
    allow(STARTING, RUNNING, RESTARTING, QUEUED, HELD, STOPPING, VERIFYING, COMPLETED, FAILED);
    // RUNNING to RUNNING: the next run of the same unit was seen before the end of the last.
    allow(
        RUNNING, RUNNING, RESTARTING, QUEUED, HELD, PAUSED, STOPPING, VERIFYING, COMPLETED, FAILED);
    allow(RESTARTING, RUNNING, RESTARTING, QUEUED, HELD, STOPPING, VERIFYING, COMPLETED, FAILED);
    allow(PAUSED, RUNNING, RESTARTING, QUEUED, STOPPING, COMPLETED, FAILED);
    allow(COOLING, QUEUED, STARTING, HELD, STOPPED);
    // STOPPING to STOPPING: an operator stops an experiment that heat is stopping.
    // STOPPING to HELD: stopped for heat, and nobody can tell whether it was complete.
    allow(STOPPING, STOPPING, COOLING, QUEUED, HELD, VERIFYING, COMPLETED, FAILED, STOPPED);
    // VERIFYING to VERIFYING: a later look could not tell either.
    allow(VERIFYING, VERIFYING, QUEUED, HELD, COMPLETED, FAILED, STOPPED);
    allow(COMPLETED);
    allow(FAILED);
    allow(STOPPED);
  }

  private Transitions() {}

  private static void allow(ExperimentState from, ExperimentState... to) {
    EnumSet<ExperimentState> targets = EnumSet.noneOf(ExperimentState.class);
    targets.addAll(java.util.Arrays.asList(to));
    ALLOWED.put(from, targets);
  }

  /** Whether an experiment may go from one state to the other. */
  public static boolean allowed(ExperimentState from, ExperimentState to) {
    EnumSet<ExperimentState> targets = ALLOWED.get(from);
    return targets != null && targets.contains(to);
  }
}
