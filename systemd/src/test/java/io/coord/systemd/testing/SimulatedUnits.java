package io.coord.systemd.testing;

import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitFacts;
import java.util.List;

/** What a test says about the units of a simulated service manager, and hears of them. */
public interface SimulatedUnits {

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
            UnitFacts.WatchdogStatus.NONE)
        : UnitFacts.missing(unit);
  }

  /** Read each time the unit is loaded. */
  ServiceSettings settings(String unit);

  /** Raised whenever the unit's files are written, so that a loaded unit needs a reload. */
  default int filesVersion(String unit) {
    return 0;
  }

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

  /**
   * A run has ended, and its record says something else than what was so; see {@link
   * SimulatedServiceManager.Misbehaviour}.
   */
  default void ended(String unit, ExitRecord really, ExitRecord recorded) {
    ended(unit, recorded);
  }

  /** A run has ended and its {@code ExecStopPost=} leaves this record. */
  void ended(String unit, ExitRecord exitRecord);
}
