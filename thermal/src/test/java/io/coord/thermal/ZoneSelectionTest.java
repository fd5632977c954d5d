package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZoneSelectionTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cpu-thermal",
        "CPU-therm",
        "cpu_thermal",
        "soc_thermal",
        "soc345-thermal",
        "SOC0-therm",
        "tj-therm",
        "tj_tegra",
        "AO-therm",
        "MCPU-therm",
        "x86_pkg_temp",
        "cpu0-thermal",
        "cpu-1-2-thermal",
        "gpc0-thermal",
        "tj-max-thermal",
        "coretemp Package id 0",
        "cpu"
      })
  void sensorsOfTheDieDecide(String type) {
    assertThat(ZoneSelection.decides(type)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PMIC-Die",
        "thermal-fan-est",
        "iwlwifi_1",
        "Tboard_tegra",
        "Tdiode_tegra",
        "acpitz",
        "cpu-throttle-alert",
        "soc_board-thermal",
        "gpuish-thermal",
        "-thermal",
        ""
      })
  void nothingElseDecides(String type) {
    assertThat(ZoneSelection.decides(type)).isFalse();
  }

  @Test
  void whatIsUnknownIsCalledUnknown() {
    assertThat(ZoneSelection.kind("foo-thermal")).isEqualTo(ZoneSelection.Kind.UNKNOWN);
    assertThat(ZoneSelection.kind("PMIC-Die")).isEqualTo(ZoneSelection.Kind.OTHER);
    assertThat(summary(on("foo-thermal", 48_000), on("PMIC-Die", 100_000)).sentence())
        .isEqualTo("no thermal zone is known to be the processor's; unknown: 'foo-thermal'");
  }

  @Test
  void decidesTheSameInATurkishLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      assertThat(ZoneSelection.decides("TJ-THERM")).isTrue();
      assertThat(ZoneSelection.decides("PLL-THERM")).isTrue();
      assertThat(MilliCelsius.ofDegrees(85.5)).hasToString("85.5 °C");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void amongEqualsTheBlockIsNamedAndNotTheMaximum() {
    assertThat(summary(on("gpu-thermal", 86_000), on("tj-thermal", 86_000)).sentence())
        .isEqualTo("zone 'gpu-thermal' reads 86 °C, the hottest of 2");
  }

  @Test
  void aReadingBelowZeroIsAReading() {
    assertThat(summary(on("cpu-thermal", -5_000), on("gpu-thermal", -7_000)).sentence())
        .isEqualTo("zone 'cpu-thermal' reads -5 °C, the hottest of 2");
  }

  @Test
  void allOfflineIsBlindAndNamesThemWithTheirFaultsOnce() {
    ZoneSelection.Summary summary =
        summary(
            off("cpu-thermal", "'temp' is empty"),
            off("gpu-thermal", "cannot read 'temp': Invalid argument"),
            off("tj-thermal", "'temp' is empty"),
            on("PMIC-Die", 100_000));

    assertThat(summary.blind()).isTrue();
    assertThat(summary.hottest()).isEmpty();
    assertThat(summary.sentence())
        .isEqualTo(
            "cannot read any of the zones 'cpu-thermal', 'gpu-thermal', 'tj-thermal': 'temp' is"
                + " empty; cannot read 'temp': Invalid argument");
  }

  @Test
  void withoutZonesNothingIsBlind() {
    assertThat(summary().blind()).isFalse();
    assertThat(summary().sentence()).isEqualTo("this machine has no thermal zones");
  }

  @Test
  void withOnlyOtherZonesNothingIsBlind() {
    ZoneSelection.Summary summary = summary(on("acpitz", 27_800), off("iwlwifi_1", "gone"));
    assertThat(summary.blind()).isFalse();
    assertThat(summary.sentence())
        .isEqualTo(
            "this machine has no thermal zone for its processor, only 'acpitz', 'iwlwifi_1'");
  }

  static ZoneSelection.Summary summary(ZoneReading... readings) {
    return ZoneSelection.summarise(List.of(readings));
  }

  static ZoneReading on(String type, int milliCelsius) {
    return ZoneReading.measured("thermal_zone0", type, new MilliCelsius(milliCelsius));
  }

  static ZoneReading off(String type, String fault) {
    return ZoneReading.offline("thermal_zone0", type, fault);
  }
}
