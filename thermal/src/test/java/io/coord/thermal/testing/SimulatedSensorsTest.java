package io.coord.thermal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.BoardSensors;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Reading;
import io.coord.thermal.TripPoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SimulatedSensorsTest {

  @Nested
  class Contract extends BoardSensorsContract {
    private final SimulatedBoard zones = new SimulatedBoard();
    private final SimulatedSensors sensors = new SimulatedSensors(BOARD, zones);

    @BeforeEach
    void withoutZones() {
      zones.removeAll();
    }

    @Override
    protected BoardSensors sensors() {
      return sensors;
    }

    @Override
    protected void zone(String type, int milliCelsius) {
      zones.set(type, new MilliCelsius(milliCelsius));
    }

    @Override
    protected void zoneOffline(String type) {
      zones.setOffline(type);
    }

    @Override
    protected void trip(String zone, String kind, int milliCelsius) {
      sensors.addTrip(zone, TripPoint.Kind.of(kind), new MilliCelsius(milliCelsius));
    }

    @Override
    protected void coolingDevice(String type, int state) {
      sensors.setCoolingDevice(type, state);
    }

    @Override
    protected void rail(String label, int milliAmpere) {
      sensors.setRail(label, Reading.of(5L * milliAmpere));
    }

    @Override
    protected void railUnreadable(String label) {
      sensors.setRail(label, Reading.missing("cannot read 'curr1_input': No data available"));
    }

    @Override
    protected void overCurrent(String channel, int events) {
      sensors.setOverCurrent(channel, events);
    }

    @Override
    protected void gpu(int perMille, long hertz, long maximumHertz) {
      sensors.setGpu(perMille / 10.0, hertz, maximumHertz);
    }

    @Override
    protected void fan(int rotationsPerMinute, int pwm) {
      sensors.setFan(rotationsPerMinute, pwm);
    }

    @Override
    protected void cpus(String online, String present) {
      sensors.setCpus(online, present);
    }
  }

  @Test
  void startsAsAnOrinUnderLoad() {
    BoardSnapshot snapshot = new SimulatedSensors(new SimulatedBoard()).read();

    assertThat(snapshot.power().totalMilliwatts()).isEqualTo(Reading.of(16_515L));
    assertThat(snapshot.lowestTrip(TripPoint.Kind.PASSIVE)).contains(new MilliCelsius(99_000));
    assertThat(snapshot.limitingClocks()).isEmpty();
  }
}
