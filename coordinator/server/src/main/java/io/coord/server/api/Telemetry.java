package io.coord.server.api;

import io.coord.persistence.Measurements;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.thermal.BoardDetection;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.ZoneProblem;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The last readings of the machine's sensors. Any thread may ask; nothing is read for a call. */
public interface Telemetry {

  /**
   * The zones as they were read last, those that are not believed as offline; empty before the
   * first reading.
   */
  List<ZoneReading> zones();

  /** What is wrong with zones that decide. */
  List<ZoneProblem> zoneProblems();

  /** How long ago {@link #zones} were read; empty before the first reading. */
  Optional<Duration> zonesAge();

  /** All other sensors as they were read last; empty before the first reading. */
  Optional<BoardSnapshot> snapshot();

  /** How long ago the {@link #snapshot} was read; empty before the first reading. */
  Optional<Duration> snapshotAge();

  /** The first reading, against which counters are compared; empty before it. */
  Optional<First> first();

  /** The first reading and its wall-clock time. */
  record First(Instant at, BoardSnapshot snapshot) {}

  /** The board that was detected. */
  BoardDetection detection();

  /** The stored measurements. */
  Measurements measurements();

  /** Whether measurements outlive the coordinator. */
  boolean keepsMeasurements();

  /** The actions about heat and power, the latest first, at most 100. */
  List<ThermalAction> steps();
}
