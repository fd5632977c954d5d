package io.coord.server.api;

import io.coord.persistence.Measurements;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.thermal.BoardDetection;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.ZoneReading;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the machine's instruments showed last. Any thread may ask; nothing is read for an answer.
 */
public interface Telemetry {

  /** The zones as they were read last; empty before the first reading. */
  List<ZoneReading> zones();

  /** Everything else that was read last; empty before the first reading. */
  Optional<BoardSnapshot> snapshot();

  /** What this coordinator read first, to tell what counters have risen by; empty before that. */
  Optional<First> first();

  /** What was read first, and when by the wall clock. */
  record First(Instant at, BoardSnapshot snapshot) {}

  /** What this machine was taken for. */
  BoardDetection recognition();

  /** What was measured so far. */
  Measurements measurements();

  /** Whether what was measured outlives the coordinator. */
  boolean keepsMeasurements();

  /** What was done about heat and power, the latest first, 100 at most. */
  List<ThermalAction> steps();
}
