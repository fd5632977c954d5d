package io.coord.coordinator.core;

import io.coord.thermal.Heat;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the coordinator knows of the world outside of the experiments; not stored, as a new daemon
 * finds it out again.
 *
 * @param managerUp whether the service manager can be reached and everything was compared with it
 * @param managerProblem why not, in words; empty if it is up
 * @param climate how hot it is, and what is done about it
 * @param failedDispatches for each experiment whose last dispatches failed, how many did in a row
 * @param dispatchPaused whether dispatches wait for the next health check because one failed
 * @param canaries for each held group, the uptime from which on one experiment may try
 * @param killed for each experiment whose run was killed because it hung, why
 * @param targetStopping whether the target of all experiments is being stopped, or was and is not
 *     started again
 * @param agedAt the uptime at which the ledger was last told that time has passed
 * @param byHand units of experiments that were started by somebody else and are not ours to stop
 */
public record Surroundings(
    boolean managerUp,
    String managerProblem,
    Climate climate,
    SortedMap<String, Integer> failedDispatches,
    boolean dispatchPaused,
    SortedMap<String, Duration> canaries,
    SortedMap<String, String> killed,
    List<String> byHand,
    boolean targetStopping,
    Optional<Duration> agedAt) {

  /** A coordinator that has not seen anything yet. */
  public static Surroundings unknown(Climate climate) {
    return new Surroundings(
        false,
        "the service manager was not reached yet",
        climate,
        new TreeMap<>(),
        false,
        new TreeMap<>(),
        new TreeMap<>(),
        List.of(),
        false,
        Optional.empty());
  }

  /** How hot it is. */
  public Heat heat() {
    return climate.heat();
  }

  Surroundings withManager(boolean up, String problem) {
    return new Surroundings(
        up,
        problem,
        climate,
        failedDispatches,
        dispatchPaused,
        canaries,
        killed,
        byHand,
        targetStopping,
        agedAt);
  }

  Surroundings withClimate(Climate now) {
    return new Surroundings(
        managerUp,
        managerProblem,
        now,
        failedDispatches,
        dispatchPaused,
        canaries,
        killed,
        byHand,
        targetStopping,
        agedAt);
  }

  Surroundings withDispatchPaused(boolean paused) {
    return new Surroundings(
        managerUp,
        managerProblem,
        climate,
        failedDispatches,
        paused,
        canaries,
        killed,
        byHand,
        targetStopping,
        agedAt);
  }

  Surroundings withFailedDispatches(String id, int inARow) {
    Optional<Integer> value = inARow == 0 ? Optional.empty() : Optional.of(inARow);
    return new Surroundings(
        managerUp,
        managerProblem,
        climate,
        with(failedDispatches, id, value),
        dispatchPaused,
        canaries,
        killed,
        byHand,
        targetStopping,
        agedAt);
  }

  Surroundings withCanary(String group, Optional<Duration> from) {
    return new Surroundings(
        managerUp,
        managerProblem,
        climate,
        failedDispatches,
        dispatchPaused,
        with(canaries, group, from),
        killed,
        byHand,
        targetStopping,
        agedAt);
  }

  Surroundings withKilled(String id, Optional<String> why) {
    return new Surroundings(
        managerUp,
        managerProblem,
        climate,
        failedDispatches,
        dispatchPaused,
        canaries,
        with(killed, id, why),
        byHand,
        targetStopping,
        agedAt);
  }

  Surroundings withByHand(List<String> units) {
    return new Surroundings(
        managerUp,
        managerProblem,
        climate,
        failedDispatches,
        dispatchPaused,
        canaries,
        killed,
        List.copyOf(units),
        targetStopping,
        agedAt);
  }

  Surroundings withTargetStopping(boolean stopping) {
    return new Surroundings(
        managerUp,
        managerProblem,
        climate,
        failedDispatches,
        dispatchPaused,
        canaries,
        killed,
        byHand,
        stopping,
        agedAt);
  }

  Surroundings withAgedAt(Duration uptime) {
    return new Surroundings(
        managerUp,
        managerProblem,
        climate,
        failedDispatches,
        dispatchPaused,
        canaries,
        killed,
        byHand,
        targetStopping,
        Optional.of(uptime));
  }

  private static <T> SortedMap<String, T> with(
      SortedMap<String, T> map, String key, Optional<T> value) {
    if (value.equals(Optional.ofNullable(map.get(key)))) {
      return map;
    }
    SortedMap<String, T> copy = new TreeMap<>(map);
    value.ifPresentOrElse(present -> copy.put(key, present), () -> copy.remove(key));
    return copy;
  }
}
