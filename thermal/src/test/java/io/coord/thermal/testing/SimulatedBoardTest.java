package io.coord.thermal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.MilliCelsius;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.Zones;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SimulatedBoardTest {

  @Nested
  class Contract extends ZonesContract {
    private final SimulatedBoard board = new SimulatedBoard();

    @BeforeEach
    void withoutZones() {
      board.removeAll();
    }

    @Override
    protected Zones zones() {
      return board;
    }

    @Override
    protected void set(String type, int milliCelsius) {
      board.set(type, new MilliCelsius(milliCelsius));
    }

    @Override
    protected void setOffline(String type) {
      board.setOffline(type);
    }

    @Override
    protected void remove(String type) {
      board.remove(type);
    }
  }

  @Test
  void startsAsAnOrinUnderLoad() {
    assertThat(new SimulatedBoard().read())
        .filteredOn(reading -> reading.temperature().isEmpty())
        .extracting(ZoneReading::type)
        .containsExactly("cv0-thermal", "cv1-thermal", "cv2-thermal");
    assertThat(new SimulatedBoard().read()).hasSize(9);
  }

  @Test
  void theZoneThatWasHeatedDecides() {
    SimulatedBoard board = new SimulatedBoard();
    board.set("gpu-thermal", 91.5);

    assertThat(ZoneSelection.summarise(board.read()).sentence())
        .startsWith("zone 'gpu-thermal' reads 91.5 °C, the hottest of 6");
  }

  @Test
  void aBoardWithAllZonesOfflineIsBlindAndOneWithoutZonesIsNot() {
    SimulatedBoard board = new SimulatedBoard();
    board.setAllOffline();
    assertThat(ZoneSelection.summarise(board.read()).blind()).isTrue();

    board.removeAll();
    assertThat(ZoneSelection.summarise(board.read()).blind()).isFalse();
  }
}
