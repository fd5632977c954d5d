package io.coord.thermal.sysfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.Governor;
import io.coord.thermal.Heat;
import io.coord.thermal.HeatState;
import io.coord.thermal.Thresholds;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every board that is described in the fixtures, as it is, and with what may happen to it. */
class BoardsTest {

  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "nano-jp4, AO-therm, 27000, ''",
    "xavier-agx-jp5, CPU-therm, 34000, ''",
    "xavier-nx-jp5, CPU-therm, 36500, ''",
    "orin-agx-jp5, tj-therm, 41468, GPU-therm CV0-therm CV1-therm CV2-therm",
    "orin-agx-jp6, cpu-thermal, 52875, gpu-thermal cv0-thermal cv1-thermal cv2-thermal",
    "orin-nano-jp6, gpu-thermal, 60125, cv0-thermal cv1-thermal cv2-thermal",
    "thor-agx-jp7, soc012-thermal, 55100, gpu-thermal",
  })
  void theHottestZoneOfTheDieDecides(String board, String decides, int value, String offline) {
    List<ZoneReading> readings = FakeSysfs.board(folder, board).zones().read();

    ZoneReading hottest = ZoneSelection.summarise(readings).hottest().orElseThrow();
    assertThat(hottest.type()).isEqualTo(decides);
    assertThat(hottest.temperature().orElseThrow().value()).isEqualTo(value);
    assertThat(readings)
        .filteredOn(reading -> reading.temperature().isEmpty())
        .extracting(ZoneReading::type)
        .containsExactly(offline.isEmpty() ? new String[0] : offline.split(" ", -1));
  }

  @ParameterizedTest
  @CsvSource({"nano-jp4, 6", "xavier-agx-jp5, 8", "orin-agx-jp5, 11", "thor-agx-jp7, 5"})
  void coolingDevicesAreNotZones(String board, int zones) {
    assertThat(FakeSysfs.board(folder, board).zones().read()).hasSize(zones);
  }

  @ParameterizedTest
  @CsvSource({
    "nano-jp4, PMIC-Die",
    "nano-jp4, thermal-fan-est",
    "xavier-agx-jp5, PMIC-Die",
    "xavier-agx-jp5, thermal-fan-est",
    "xavier-agx-jp5, Tboard_tegra",
    "xavier-nx-jp5, PMIC-Die",
    "orin-agx-jp5, Tdiode_tegra",
  })
  void constantsEstimatesAndBoardSensorsNeverDecide(String board, String type) {
    FakeSysfs sysfs = FakeSysfs.board(folder, board);
    ZoneReading idle =
        sysfs.zones().read().stream().filter(r -> r.type().equals(type)).findAny().orElseThrow();
    sysfs.temp(Integer.parseInt(idle.name().substring("thermal_zone".length())), "149000");

    assertThat(heat(sysfs).state()).isEqualTo(HeatState.NORMAL);
  }

  @Test
  void aRadioThatAppearsNeverDecides() {
    FakeSysfs sysfs = FakeSysfs.board(folder, "orin-nano-jp6").zone(9, "iwlwifi_1", "88000");
    assertThat(heat(sysfs).state()).isEqualTo(HeatState.NORMAL);
  }

  @Test
  void aGpuThatIsPoweredOnDecides() {
    FakeSysfs sysfs = FakeSysfs.board(folder, "orin-agx-jp6");
    SysfsZones zones = sysfs.zones();
    zones.read();
    sysfs.temp(1, "61250");

    assertThat(ZoneSelection.summarise(zones.read()).sentence())
        .isEqualTo(
            "zone 'gpu-thermal' reads 61.25 °C, the hottest of 6;"
                + " offline: 'cv0-thermal', 'cv1-thermal', 'cv2-thermal'");
  }

  @Test
  void anOrinAtSeventyFiveIsThrottledAndAtEightyFiveCritical() {
    FakeSysfs sysfs = FakeSysfs.board(folder, "orin-agx-jp6").temp(0, "75500").temp(8, "75500");
    assertThat(heat(sysfs).state()).isEqualTo(HeatState.THROTTLED);

    sysfs.temp(1, "86000").temp(8, "86000");
    assertThat(heat(sysfs).state()).isEqualTo(HeatState.CRITICAL);
    assertThat(heat(sysfs).reason()).startsWith("zone 'gpu-thermal' reads 86 °C, critical at");
  }

  @Test
  void aBusyDriverTurnsNoZoneOffline() {
    FakeSysfs sysfs = FakeSysfs.board(folder, "orin-agx-jp6");
    SysfsZones zones = sysfs.zones();
    List<ZoneReading> before = zones.read();
    sysfs.failNextReads(0, 1);

    assertThat(zones.read()).isEqualTo(before);
  }

  @Test
  void oneBrokenZoneLeavesTheDecisionToTheOthers() {
    assertThat(heat(FakeSysfs.board(folder, "orin-agx-jp5").temp(8, "!EINVAL")).reason())
        .startsWith("zone 'CPU-therm' reads 41.375 °C");
  }

  @Test
  void anEmptyReadOfTjLeavesTheDecisionToTheOthers() {
    assertThat(heat(FakeSysfs.board(folder, "orin-nano-jp6").temp(8, "")).reason())
        .startsWith("zone 'gpu-thermal' reads 60.125 °C");
  }

  @ParameterizedTest
  @CsvSource({
    "orin-agx-jp6, 9, !EAGAIN",
    "orin-agx-jp5, 9, -256000",
    "orin-nano-jp6, 9, ''",
    "thor-agx-jp7, 5, !EAGAIN",
    "xavier-nx-jp5, 4, !EINVAL",
  })
  void aBoardThatCannotBeReadIsBlind(String board, int decidingZones, String temp) {
    FakeSysfs sysfs = FakeSysfs.board(folder, board);
    for (int number = 0; number < decidingZones; number++) {
      sysfs.temp(number, temp);
    }

    ZoneSelection.Summary summary = ZoneSelection.summarise(sysfs.zones().read());
    assertThat(summary.blind()).isTrue();
    assertThat(summary.sentence()).startsWith("cannot read any of the zones '");
    assertThat(heat(sysfs).admits()).isFalse();
    assertThat(heat(sysfs).state()).isEqualTo(HeatState.NORMAL);
  }

  @Test
  void aThorAtWorkNeedsThresholdsOfItsOwn() {
    FakeSysfs sysfs = FakeSysfs.board(folder, "thor-agx-jp7").temp(1, "108000").temp(4, "108900");
    assertThat(heat(sysfs).state()).isEqualTo(HeatState.CRITICAL);
  }

  private static Heat heat(FakeSysfs sysfs) {
    return new Governor(Thresholds.DEFAULT)
        .next(
            Heat.unknown(NOON), ZoneSelection.summarise(sysfs.zones().read()), NOON, Duration.ZERO);
  }
}
