package io.coord.coordinator.core;

import io.coord.thermal.Heat;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the coordinator knows of the world outside of the experiments; not stored, as a new daemon
 * finds it out again.
 *
 * @param managerUp whether the service manager can be reached and everything was compared with it
 * @param managerProblem why not, in words; empty if it is up
 * @param heat how hot it is
 * @param failedDispatches for each experiment whose last dispatches failed, how many did in a row
 * @param dispatchPaused whether dispatches wait for the next health check because one failed
 */
public record Surroundings(
    boolean managerUp,
    String managerProblem,
    Heat heat,
    SortedMap<String, Integer> failedDispatches,
    boolean dispatchPaused) {

  /** A coordinator that has not seen anything yet. */
  public static Surroundings unknown(Heat heat) {
    return new Surroundings(
        false, "the service manager was not reached yet", heat, new TreeMap<>(), false);
  }

  Surroundings withManager(boolean up, String problem) {
    return new Surroundings(up, problem, heat, failedDispatches, dispatchPaused);
  }

  Surroundings withHeat(Heat now) {
    return new Surroundings(managerUp, managerProblem, now, failedDispatches, dispatchPaused);
  }

  Surroundings withDispatchPaused(boolean paused) {
    return new Surroundings(managerUp, managerProblem, heat, failedDispatches, paused);
  }

  Surroundings withFailedDispatches(String id, int inARow) {
    SortedMap<String, Integer> copy = new TreeMap<>(failedDispatches);
    if (inARow == 0) {
      copy.remove(id);
    } else {
      copy.put(id, inARow);
    }
    return new Surroundings(managerUp, managerProblem, heat, copy, dispatchPaused);
  }
}
