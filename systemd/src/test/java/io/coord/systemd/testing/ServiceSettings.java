package io.coord.systemd.testing;

import io.coord.systemd.InstanceSpec.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The settings of a simulated unit that restarts on failure.
 *
 * @param stopTimeout TimeoutStopSec
 * @param runtimeMax RuntimeMaxSec
 * @param watchdog WatchdogSec
 * @param successCodes SuccessExitStatus: exit codes that are a success besides 0
 * @param restartSignals RestartForceExitStatus: the numbers of signals after which it restarts
 *     though systemd takes them for a clean end
 */
public record ServiceSettings(
    Restarts restarts,
    Duration stopTimeout,
    Optional<Duration> runtimeMax,
    Optional<Duration> watchdog,
    List<Integer> successCodes,
    List<Integer> restartSignals) {

  /**
   * When the unit is restarted.
   *
   * @param delay RestartSec
   * @param limit how many restarts are allowed within {@code interval}
   * @param interval StartLimitIntervalSec; zero is no limit
   * @param backoff as in an instance's spec
   */
  public record Restarts(Duration delay, int limit, Duration interval, Optional<Backoff> backoff) {}

  public ServiceSettings {
    successCodes = List.copyOf(successCodes);
    restartSignals = List.copyOf(restartSignals);
  }

  /** Without the optional settings. */
  public ServiceSettings(
      Duration restartDelay, int restartLimit, Duration restartInterval, Duration stopTimeout) {
    this(
        new Restarts(restartDelay, restartLimit, restartInterval, Optional.empty()),
        stopTimeout,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of());
  }

  /** The same, with a restart delay that doubles. */
  public ServiceSettings withBackoff(Backoff backoff) {
    return new ServiceSettings(
        new Restarts(restarts.delay(), restarts.limit(), restarts.interval(), Optional.of(backoff)),
        stopTimeout,
        runtimeMax,
        watchdog,
        successCodes,
        restartSignals);
  }

  /** The same, with more exit codes that are a success. */
  public ServiceSettings withSuccessCodes(Integer... codes) {
    return new ServiceSettings(
        restarts, stopTimeout, runtimeMax, watchdog, List.of(codes), restartSignals);
  }

  /** The same, but it also restarts after these signals, whoever sent them. */
  public ServiceSettings withRestartSignals(Integer... signals) {
    return new ServiceSettings(
        restarts, stopTimeout, runtimeMax, watchdog, successCodes, List.of(signals));
  }

  /** The same, with a time limit for each run. */
  public ServiceSettings withRuntimeMax(Duration max) {
    return new ServiceSettings(
        restarts, stopTimeout, Optional.of(max), watchdog, successCodes, restartSignals);
  }

  /** The same, with a watchdog. */
  public ServiceSettings withWatchdog(Duration timeout) {
    return new ServiceSettings(
        restarts, stopTimeout, runtimeMax, Optional.of(timeout), successCodes, restartSignals);
  }
}
