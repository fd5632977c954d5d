package io.coord.systemd.testing;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.InstanceSpec.Backoff;
import io.coord.systemd.UnitFacts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a test says about the units of a simulated service manager, and hears of them. */
public interface SimulatedUnits {

  /**
   * The settings of a unit that restarts on failure.
   *
   * @param restartDelay RestartSec
   * @param restartLimit how many restarts are allowed within {@code restartInterval}
   * @param restartInterval StartLimitIntervalSec; zero is no limit
   * @param stopTimeout TimeoutStopSec
   * @param backoff as in an instance's spec
   * @param successCodes SuccessExitStatus: exit codes that are a success beside 0
   * @param restartSignals RestartForceExitStatus: the numbers of signals after which it restarts
   *     though systemd takes them for a clean end
   * @param runtimeMax RuntimeMaxSec
   * @param watchdog WatchdogSec
   */
  record Settings(
      Duration restartDelay,
      int restartLimit,
      Duration restartInterval,
      Duration stopTimeout,
      Optional<Backoff> backoff,
      List<Integer> successCodes,
      List<Integer> restartSignals,
      Optional<Duration> runtimeMax,
      Optional<Duration> watchdog) {

    public Settings {
      successCodes = List.copyOf(successCodes);
      restartSignals = List.copyOf(restartSignals);
    }

    /** Without what is optional. */
    public Settings(
        Duration restartDelay, int restartLimit, Duration restartInterval, Duration stopTimeout) {
      this(
          restartDelay,
          restartLimit,
          restartInterval,
          stopTimeout,
          Optional.empty(),
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty());
    }

    /** The same, but the restarts come ever later. */
    public Settings withBackoff(Backoff by) {
      return with(Optional.of(by), successCodes, restartSignals, runtimeMax, watchdog);
    }

    /** The same, but these exit codes are a success too. */
    public Settings withSuccessCodes(Integer... codes) {
      return with(backoff, List.of(codes), restartSignals, runtimeMax, watchdog);
    }

    /** The same, but it restarts after these signals too, whoever has sent them. */
    public Settings withRestartSignals(Integer... signals) {
      return with(backoff, successCodes, List.of(signals), runtimeMax, watchdog);
    }

    /** The same, but no run may take longer. */
    public Settings withRuntimeMax(Duration most) {
      return with(backoff, successCodes, restartSignals, Optional.of(most), watchdog);
    }

    /** The same, but a run that is silent for so long is killed. */
    public Settings withWatchdog(Duration time) {
      return with(backoff, successCodes, restartSignals, runtimeMax, Optional.of(time));
    }

    private Settings with(
        Optional<Backoff> by,
        List<Integer> codes,
        List<Integer> signals,
        Optional<Duration> most,
        Optional<Duration> watchdogTime) {
      return new Settings(
          restartDelay,
          restartLimit,
          restartInterval,
          stopTimeout,
          by,
          codes,
          signals,
          most,
          watchdogTime);
    }
  }

  /** The slice that a unit is in. */
  default String slice(String unit) {
    return "brain.slice";
  }

  /** Whether there are files for this unit. */
  boolean exists(String unit);

  /** How this unit is installed; by default, what exists has a file and nothing else. */
  default UnitFacts facts(String unit) {
    return exists(unit)
        ? new UnitFacts(
            unit,
            "loaded",
            "/run/systemd/system/" + unit,
            List.of(),
            false,
            "static",
            "exec",
            Optional.empty(),
            Optional.empty())
        : UnitFacts.missing(unit);
  }

  /** Read each time the unit is loaded. */
  Settings settings(String unit);

  /**
   * What a run does.
   *
   * @param number counts the runs of this unit from 1, over all boots
   */
  SimulatedRun run(String unit, int number);

  /**
   * {@code COORD_CRASH_COUNT} as {@code prepare-run} would tell it to a run that began now. Asked
   * for units with a backoff only.
   */
  default int crashCount(String unit) {
    throw new UnsupportedOperationException(
        "unit '" + unit + "' has a backoff, so its crashes must be told");
  }

  /** A process begins. */
  default void started(String unit, int number, String invocation) {}

  /** A process has sent a status text. */
  default void reported(String unit, int number, String text) {}

  /** A run has ended and its {@code ExecStopPost=} leaves this record. */
  void ended(String unit, ExitRecord exitRecord);
}
