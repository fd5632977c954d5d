package io.coord.scheduler.core.state;

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
 * @param thermalState how hot it is, and what is done about it
 * @param failedDispatches for each experiment whose last dispatches failed, how many did in a row
 * @param dispatchPaused whether dispatches wait for the next health check because one failed
 * @param canaries for each held group, the uptime from which on one experiment may try
 * @param killed for each experiment whose run was killed because it hung, why
 * @param targetStopping whether the target of all experiments is being stopped, or was and is not
 *     started again
 * @param agedAt the uptime at which the ledger was last told that time has passed
 * @param unmanaged units of experiments that were started by somebody else and are not ours to stop
 */
public record RuntimeState(
    boolean managerUp,
    String managerProblem,
    ThermalState thermalState,
    SortedMap<String, Integer> failedDispatches,
    boolean dispatchPaused,
    SortedMap<String, Duration> canaries,
    SortedMap<String, String> killed,
    List<String> unmanaged,
    boolean targetStopping,
    Optional<Duration> agedAt) {

  /** A coordinator that has not seen anything yet. */
  public static RuntimeState unknown(ThermalState thermalState) {
    return new RuntimeState(
        false,
        "the service manager was not reached yet",
        thermalState,
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
    return thermalState.heat();
  }

  public RuntimeState withManager(boolean up, String problem) {
    Copy copy = new Copy(this);
    copy.managerUp = up;
    copy.managerProblem = problem;
    return copy.done();
  }

  public RuntimeState withThermalState(ThermalState now) {
    Copy copy = new Copy(this);
    copy.thermalState = now;
    return copy.done();
  }

  public RuntimeState withDispatchPaused(boolean paused) {
    Copy copy = new Copy(this);
    copy.dispatchPaused = paused;
    return copy.done();
  }

  public RuntimeState withFailedDispatches(String id, int inARow) {
    Copy copy = new Copy(this);
    Optional<Integer> value = inARow == 0 ? Optional.empty() : Optional.of(inARow);
    copy.failedDispatches = with(failedDispatches, id, value);
    return copy.done();
  }

  public RuntimeState withCanary(String group, Optional<Duration> from) {
    Copy copy = new Copy(this);
    copy.canaries = with(canaries, group, from);
    return copy.done();
  }

  public RuntimeState withKilled(String id, Optional<String> why) {
    Copy copy = new Copy(this);
    copy.killed = with(killed, id, why);
    return copy.done();
  }

  public RuntimeState withUnmanaged(List<String> units) {
    Copy copy = new Copy(this);
    copy.unmanaged = List.copyOf(units);
    return copy.done();
  }

  public RuntimeState withTargetStopping(boolean stopping) {
    Copy copy = new Copy(this);
    copy.targetStopping = stopping;
    return copy.done();
  }

  public RuntimeState withAgedAt(Duration uptime) {
    Copy copy = new Copy(this);
    copy.agedAt = Optional.of(uptime);
    return copy.done();
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

  /** What is to be the next surroundings, while one of them is being changed. */
  private static final class Copy {
    private boolean managerUp;
    private String managerProblem;
    private ThermalState thermalState;
    private SortedMap<String, Integer> failedDispatches;
    private boolean dispatchPaused;
    private SortedMap<String, Duration> canaries;
    private SortedMap<String, String> killed;
    private List<String> unmanaged;
    private boolean targetStopping;
    private Optional<Duration> agedAt;

    Copy(RuntimeState of) {
      managerUp = of.managerUp;
      managerProblem = of.managerProblem;
      thermalState = of.thermalState;
      failedDispatches = of.failedDispatches;
      dispatchPaused = of.dispatchPaused;
      canaries = of.canaries;
      killed = of.killed;
      unmanaged = of.unmanaged;
      targetStopping = of.targetStopping;
      agedAt = of.agedAt;
    }

    RuntimeState done() {
      return new RuntimeState(
          managerUp,
          managerProblem,
          thermalState,
          failedDispatches,
          dispatchPaused,
          canaries,
          killed,
          unmanaged,
          targetStopping,
          agedAt);
    }
  }
}
