package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StuckZonesTest {
  private StuckZones zones = StuckZones.NONE;
  private List<ZoneReading> last = List.of();
  private long second;

  private static ZoneReading zone(int number, String type, double degrees) {
    return ZoneReading.measured("thermal_zone" + number, type, MilliCelsius.ofDegrees(degrees));
  }

  private void read(ZoneReading... readings) {
    last = List.of(readings);
    zones = zones.with(last, Duration.ofSeconds(second));
  }

  private List<ZoneReading> offline() {
    return zones.without(last, Duration.ofSeconds(second)).stream()
        .filter(r -> r.temperature().isEmpty())
        .toList();
  }

  @Test
  void excludesAConstantZoneWhileOthersChange() {
    for (second = 0; second < 290; second += 10) {
      read(zone(0, "cpu-thermal", 50 + second / 30.0), zone(1, "gpu-thermal", 90));
    }
    assertThat(offline()).isEmpty();
    second = 300;
    read(zone(0, "cpu-thermal", 61), zone(1, "gpu-thermal", 90));
    assertThat(offline()).extracting(ZoneReading::type).containsExactly("gpu-thermal");
    assertThat(offline().get(0).fault()).startsWith("stuck: constant at 90 °C for 5 min");
  }

  @Test
  void includesAZoneAgainOnceItChanges() {
    excludesAConstantZoneWhileOthersChange();
    second = 320;
    read(zone(0, "cpu-thermal", 61), zone(1, "gpu-thermal", 89.5));
    assertThat(offline()).isEmpty();
  }

  @Test
  void keepsAConstantZoneAmongConstantOnes() {
    for (second = 0; second <= 3600; second += 10) {
      read(zone(0, "cpu-thermal", 50 + second % 20 / 10.0), zone(1, "gpu-thermal", 52));
    }
    assertThat(offline()).isEmpty();
  }

  @Test
  void ignoresZonesThatDoNotDecide() {
    for (second = 0; second <= 3600; second += 10) {
      read(zone(0, "cpu-thermal", 50), zone(1, "PMIC-Die", 100), zone(2, "iwlwifi", second / 60.0));
    }
    assertThat(offline()).isEmpty();
  }

  @Test
  void findsAStuckZoneThatIsSometimesPoweredDown() {
    for (second = 0; second <= 400; second += 10) {
      ZoneReading gpu =
          second % 60 == 0
              ? ZoneReading.offline("thermal_zone1", "gpu-thermal", "gated")
              : zone(1, "gpu-thermal", 90);
      read(zone(0, "cpu-thermal", 50 + second / 30.0), gpu);
    }
    assertThat(offline()).hasSize(1);
  }
}
