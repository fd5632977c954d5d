package io.coord.persistence.testing;

import io.coord.persistence.Measurements;
import io.coord.persistence.MeasurementsContract;

class InMemoryMeasurementsTest extends MeasurementsContract {

  @Override
  protected Measurements create() {
    return new InMemoryMeasurements();
  }

  @Override
  protected Measurements reopen(Measurements open) {
    return ((InMemoryMeasurements) open).reopen();
  }

  @Override
  protected void obstruct() {
    ((InMemoryMeasurements) measurements).failNextWrites(Integer.MAX_VALUE);
  }

  @Override
  protected void clear() {
    ((InMemoryMeasurements) measurements).failNextWrites(0);
  }
}
