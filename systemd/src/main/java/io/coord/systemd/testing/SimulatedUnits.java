package io.coord.systemd.testing;

import io.coord.systemd.ExitRecord;
import java.time.Duration;

/** What a test says about the units of a simulated service manager, and hears of them. */
public interface SimulatedUnits {

  /**
   * The settings of a unit that restarts on failure.
   *
   * @param restartDelay RestartSec
   * @param restartLimit how many restarts are allowed within {@code restartInterval}
   * @param restartInterval StartLimitIntervalSec; zero is no limit
   * @param stopTimeout TimeoutStopSec
   */
  record Settings(
      Duration restartDelay, int restartLimit, Duration restartInterval, Duration stopTimeout) {}

  /** Whether there are files for this unit. */
  boolean exists(String unit);

  /** Read each time the unit is loaded. */
  Settings settings(String unit);

  /**
   * What a run does.
   *
   * @param number counts the runs of this unit from 1, over all boots
   */
  SimulatedRun run(String unit, int number);

  /** A process begins. */
  default void started(String unit, int number, String invocation) {}

  /** A process has sent a status text. */
  default void reported(String unit, int number, String text) {}

  /** A run has ended and its {@code ExecStopPost=} leaves this record. */
  void ended(String unit, ExitRecord exitRecord);
}
