package io.coord.coordinator.cli;

import io.coord.coordinator.api.Instruments;
import io.coord.coordinator.core.HeatStep;
import io.coord.persistence.Measurements;
import io.coord.persistence.testing.InMemoryMeasurements;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.Boards;
import io.coord.thermal.Identity;
import io.coord.thermal.Reading;
import io.coord.thermal.Recognition;
import io.coord.thermal.ZoneReading;
import java.util.List;
import java.util.Optional;

/** A machine of which nothing was read yet. */
final class NoInstruments implements Instruments {
  private final Measurements measurements = new InMemoryMeasurements();

  @Override
  public List<ZoneReading> zones() {
    return List.of();
  }

  @Override
  public Optional<BoardSnapshot> snapshot() {
    return Optional.empty();
  }

  @Override
  public Recognition recognition() {
    return Boards.recognise(
        new Identity(
            Reading.missing("no device tree"),
            Reading.missing("no model"),
            Reading.missing("no release")));
  }

  @Override
  public Measurements measurements() {
    return measurements;
  }

  @Override
  public List<HeatStep> steps() {
    return List.of();
  }
}
