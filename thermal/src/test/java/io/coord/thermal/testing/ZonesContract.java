package io.coord.thermal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.MilliCelsius;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.Zones;
import org.junit.jupiter.api.Test;

/** What the coordinator relies on, whatever the zones are made of. */
public abstract class ZonesContract {

  /** The same object throughout a test, without zones at first. */
  protected abstract Zones zones();

  /** Appends a zone, or changes the one of this type. */
  protected abstract void set(String type, int milliCelsius);

  protected abstract void setOffline(String type);

  protected abstract void remove(String type);

  @Test
  void aMachineWithoutZonesIsNotAnError() {
    assertThat(zones().read()).isEmpty();
  }

  @Test
  void listsZonesInNumberOrder() {
    for (int number = 0; number < 12; number++) {
      set("zone" + number, 40_000 + number);
    }

    assertThat(zones().read())
        .extracting(ZoneReading::name)
        .startsWith("thermal_zone0", "thermal_zone1", "thermal_zone2")
        .endsWith("thermal_zone9", "thermal_zone10", "thermal_zone11");
    assertThat(zones().read())
        .extracting(ZoneReading::type)
        .startsWith("zone0", "zone1", "zone2")
        .endsWith("zone9", "zone10", "zone11");
  }

  @Test
  void listsAnOfflineZoneWithItsReason() {
    set("cpu-thermal", 48_125);
    setOffline("gpu-thermal");
    set("tj-thermal", 48_250);

    assertThat(zones().read())
        .extracting(ZoneReading::temperature)
        .map(temperature -> temperature.map(MilliCelsius::value).orElse(-1))
        .containsExactly(48_125, -1, 48_250);
    assertThat(zones().read().get(1).fault()).isNotEmpty();
    assertThat(zones().read().get(0).fault()).isEmpty();
  }

  @Test
  void aZoneComesBackOnline() {
    setOffline("gpu-thermal");
    assertThat(zones().read().get(0).temperature()).isEmpty();

    set("gpu-thermal", 61_250);

    assertThat(zones().read().get(0).temperature()).contains(new MilliCelsius(61_250));
  }

  @Test
  void zonesAppearAndDisappear() {
    set("cpu-thermal", 40_000);
    set("iwlwifi_1", 50_000);
    assertThat(zones().read()).hasSize(2);

    remove("cpu-thermal");
    set("gpu-thermal", 41_000);

    assertThat(zones().read())
        .extracting(ZoneReading::type)
        .containsExactly("iwlwifi_1", "gpu-thermal");
  }

  @Test
  void implausibleValuesAreOffline() {
    set("powered-down", -256_000);
    set("too-cold", -40_001);
    set("cold", -40_000);
    set("hot", 150_000);
    set("too-hot", 150_001);

    assertThat(zones().read())
        .extracting(ZoneReading::fault)
        .containsExactly(
            "powered down (reads -256 °C)",
            "reads -40.001 °C, outside of the range from -40 °C to 150 °C",
            "",
            "",
            "reads 150.001 °C, outside of the range from -40 °C to 150 °C");
  }
}
