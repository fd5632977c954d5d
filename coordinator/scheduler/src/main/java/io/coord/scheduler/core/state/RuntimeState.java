package io.coord.scheduler.core.state;

import io.coord.persistence.BreakerState;
import io.coord.thermal.Heat;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the coordinator knows of the machine and of what is under way. Not stored: a new daemon
 * finds it out again.
 *
 * @param manager the service manager
 * @param thermalState how hot it is, and what is done about it
 * @param dispatch dispatches that failed and wait
 * @param canaries for each held breaker, the uptime from which one experiment may be tried
 * @param waitsForMemory for experiments at the head of the queue that wait for memory alone, the
 *     uptime since when
 * @param troubles what is known of single experiments that do not go on as they should
 * @param agedAt the uptime at which the ledger's age was last updated
 * @param diskShortage whether the disk is nearly full
 */
public record RuntimeState(
    ManagerState manager,
    ThermalState thermalState,
    DispatchState dispatch,
    SortedMap<BreakerState.Key, Canary> canaries,
    SortedMap<String, Duration> waitsForMemory,
    ExperimentTroubles troubles,
    Optional<Duration> agedAt,
    Optional<DiskShortage> diskShortage) {

  /**
   * A trial of a held breaker.
   *
   * @param from the uptime from which it may be made
   * @param experiment with which experiment; empty if that is not said
   */
  public record Canary(Duration from, Optional<String> experiment) {}

  /** A coordinator that has not seen anything yet. */
  public static RuntimeState unknown(ThermalState thermalState) {
    return new RuntimeState(
        ManagerState.UNKNOWN,
        thermalState,
        DispatchState.NONE,
        new TreeMap<>(),
        new TreeMap<>(),
        ExperimentTroubles.NONE,
        Optional.empty(),
        Optional.empty());
  }

  /** How hot it is. */
  public Heat heat() {
    return thermalState.heat();
  }

  /** The service manager is reached and everything was compared with it. */
  public RuntimeState withManagerUp() {
    return with(manager.with(true, ""));
  }

  /** The service manager cannot be reached, or not everything was compared with it. */
  public RuntimeState withManagerDown(String problem) {
    return with(manager.with(false, problem));
  }

  public RuntimeState withTargetStopping(boolean stopping) {
    return with(manager.withTargetStopping(stopping));
  }

  public RuntimeState withUnmanaged(List<String> units) {
    return with(manager.withUnmanaged(units));
  }

  private RuntimeState with(ManagerState now) {
    return new RuntimeState(
        now, thermalState, dispatch, canaries, waitsForMemory, troubles, agedAt, diskShortage);
  }

  public RuntimeState withThermalState(ThermalState now) {
    return new RuntimeState(
        manager, now, dispatch, canaries, waitsForMemory, troubles, agedAt, diskShortage);
  }

  /** With the wait before the next dispatch of an experiment; empty for none. */
  public RuntimeState withRetry(String id, Optional<DispatchState.Retry> retry) {
    return with(new DispatchState(with(dispatch.retries(), id, retry), dispatch.places()));
  }

  /** With the wait for a {@link DispatchState#placeOf}; empty for none. */
  public RuntimeState withPlace(String place, Optional<DispatchState.Retry> retry) {
    return with(new DispatchState(dispatch.retries(), with(dispatch.places(), place, retry)));
  }

  private RuntimeState with(DispatchState now) {
    return new RuntimeState(
        manager, thermalState, now, canaries, waitsForMemory, troubles, agedAt, diskShortage);
  }

  public RuntimeState withCanary(BreakerState.Key key, Optional<Canary> canary) {
    return new RuntimeState(
        manager,
        thermalState,
        dispatch,
        with(canaries, key, canary),
        waitsForMemory,
        troubles,
        agedAt,
        diskShortage);
  }

  public RuntimeState withWaitsForMemory(SortedMap<String, Duration> waits) {
    return new RuntimeState(
        manager, thermalState, dispatch, canaries, waits, troubles, agedAt, diskShortage);
  }

  private RuntimeState with(ExperimentTroubles now) {
    return new RuntimeState(
        manager, thermalState, dispatch, canaries, waitsForMemory, now, agedAt, diskShortage);
  }

  /** For each experiment whose run was killed because it made no progress, why. */
  public SortedMap<String, String> killed() {
    return troubles.killed();
  }

  public RuntimeState withKilled(String id, Optional<String> why) {
    return with(
        new ExperimentTroubles(
            with(troubles.killed(), id, why),
            troubles.setAside(),
            troubles.unreadable(),
            troubles.verifications()));
  }

  /** For each experiment that could not be processed, why; it is to be held. */
  public SortedMap<String, String> setAside() {
    return troubles.setAside();
  }

  public RuntimeState withSetAside(String id, Optional<String> why) {
    return with(
        new ExperimentTroubles(
            troubles.killed(),
            with(troubles.setAside(), id, why),
            troubles.unreadable(),
            troubles.verifications()));
  }

  /** For each experiment whose exit records cannot be read, when they are tried again. */
  public SortedMap<String, DispatchState.Retry> unreadable() {
    return troubles.unreadable();
  }

  public RuntimeState withUnreadable(String id, Optional<DispatchState.Retry> retry) {
    return with(
        new ExperimentTroubles(
            troubles.killed(),
            troubles.setAside(),
            with(troubles.unreadable(), id, retry),
            troubles.verifications()));
  }

  /** For each experiment whose claim of success waits, where that stands. */
  public SortedMap<String, PendingVerification> verifications() {
    return troubles.verifications();
  }

  public RuntimeState withVerification(String id, Optional<PendingVerification> stands) {
    return with(
        new ExperimentTroubles(
            troubles.killed(),
            troubles.setAside(),
            troubles.unreadable(),
            with(troubles.verifications(), id, stands)));
  }

  public RuntimeState withAgedAt(Duration uptime) {
    return new RuntimeState(
        manager,
        thermalState,
        dispatch,
        canaries,
        waitsForMemory,
        troubles,
        Optional.of(uptime),
        diskShortage);
  }

  public RuntimeState withDiskShortage(Optional<DiskShortage> shortage) {
    return new RuntimeState(
        manager, thermalState, dispatch, canaries, waitsForMemory, troubles, agedAt, shortage);
  }

  private static <K, T> SortedMap<K, T> with(SortedMap<K, T> map, K key, Optional<T> value) {
    if (value.equals(Optional.ofNullable(map.get(key)))) {
      return map;
    }
    SortedMap<K, T> copy = new TreeMap<>(map);
    value.ifPresentOrElse(present -> copy.put(key, present), () -> copy.remove(key));
    return copy;
  }
}
