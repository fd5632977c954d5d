package io.coord.server.cli;

import io.coord.persistence.testing.InMemoryMeasurements;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.scheduler.testing.Samples;
import io.coord.server.api.Telemetry;
import io.coord.thermal.BoardDetection;
import io.coord.thermal.BoardIdentity;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.Boards;
import io.coord.thermal.Reading;
import io.coord.thermal.ZoneProblem;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.testing.SimulatedBoard;
import io.coord.thermal.testing.SimulatedSensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Instruments of a machine of which nothing was read until {@link #read}. */
final class SampleTelemetry implements Telemetry {
  final SimulatedBoard zones = new SimulatedBoard();
  final SimulatedSensors sensors = new SimulatedSensors(zones);
  final InMemoryMeasurements measurements = new InMemoryMeasurements();
  volatile boolean keepsMeasurements = true;
  final List<ThermalAction> steps = new ArrayList<>();
  private volatile Optional<BoardSnapshot> snapshot = Optional.empty();
  private Optional<First> first = Optional.empty();
  private volatile Reading<List<String>> compatible = Reading.missing("no device tree");

  /** Makes the machine an AGX Orin, and reads it. */
  void readOrin() {
    compatible = Reading.of(List.of("nvidia,p3701-0005", "nvidia,tegra234"));
    read();
  }

  /** Reads the zones and the sensors. */
  void read() {
    show(sensors.read());
  }

  /** Shows what was read from some other sensors. */
  void show(BoardSnapshot other) {
    snapshot = Optional.of(other);
    first = first.or(() -> Optional.of(new First(Samples.START, other)));
  }

  @Override
  public Optional<First> first() {
    return first;
  }

  @Override
  public List<ZoneReading> zones() {
    return snapshot.map(BoardSnapshot::zones).orElse(List.of());
  }

  volatile List<ZoneProblem> zoneProblems = List.of();

  @Override
  public List<ZoneProblem> zoneProblems() {
    return zoneProblems;
  }

  /** How long ago everything was read, as far as it was. */
  volatile Duration age = Duration.ofSeconds(2);

  @Override
  public Optional<Duration> zonesAge() {
    return snapshot.map(read -> age);
  }

  @Override
  public Optional<Duration> snapshotAge() {
    return snapshot.map(read -> age);
  }

  @Override
  public Optional<BoardSnapshot> snapshot() {
    return snapshot;
  }

  @Override
  public BoardDetection detection() {
    return Boards.detect(
        new BoardIdentity(compatible, Reading.missing("no model"), Reading.missing("no release")));
  }

  @Override
  public InMemoryMeasurements measurements() {
    return measurements;
  }

  @Override
  public boolean keepsMeasurements() {
    return keepsMeasurements;
  }

  @Override
  public List<ThermalAction> steps() {
    return List.copyOf(steps);
  }
}
