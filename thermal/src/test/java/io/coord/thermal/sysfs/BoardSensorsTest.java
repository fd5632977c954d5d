package io.coord.thermal.sysfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.coord.thermal.Board;
import io.coord.thermal.BoardDetection;
import io.coord.thermal.BoardIdentity;
import io.coord.thermal.BoardSnapshot;
import io.coord.thermal.Boards;
import io.coord.thermal.CoolingDevice;
import io.coord.thermal.Cores;
import io.coord.thermal.Governor;
import io.coord.thermal.Heat;
import io.coord.thermal.HeatState;
import io.coord.thermal.L4tRelease;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.OverCurrent;
import io.coord.thermal.Rail;
import io.coord.thermal.Reading;
import io.coord.thermal.TripPoint;
import io.coord.thermal.ZoneSelection;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every board of the fixtures is, and what its sensors beside the zones say. */
class BoardSensorsTest {

  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path folder;
  @TempDir Path otherFolder;

  @ParameterizedTest
  @CsvSource({
    "xavier-agx-jp5, AGX Xavier, JetPack 5.1.1 (L4T 35.3.1), Jetson-AGX",
    "xavier-nx-jp5, Xavier NX, JetPack 5.1.1 (L4T 35.3.1), NVIDIA Jetson Xavier NX Developer Kit",
    "orin-agx-jp5, AGX Orin 32 GB module of the developer kit, JetPack 5.1.1 (L4T 35.3.1),"
        + " Jetson AGX Orin",
    "orin-agx-jp6, AGX Orin 64 GB, JetPack 6.2.1 (L4T 36.4.7),"
        + " NVIDIA Jetson AGX Orin Developer Kit",
    "orin-nano-jp6, Orin Nano 8 GB of the developer kit, JetPack 6.2.1 (L4T 36.4.4),"
        + " NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super",
    "thor-agx-jp7, AGX Thor T5000, JetPack 7.1 (L4T 38.4.0), NVIDIA Jetson AGX Thor Developer Kit",
  })
  void isDetected(String board, String module, String release, String model) {
    BoardIdentity identity = FakeSysfs.board(folder, board).identity();
    BoardDetection detection = Boards.detect(identity);

    assertThat(detection.match()).isEqualTo(BoardDetection.Match.MODULE);
    assertThat(detection.board().model().module()).isEqualTo(module);
    assertThat(detection.release().map(L4tRelease::sentence)).contains(release);
    assertThat(identity.model()).isEqualTo(Reading.of(model));
  }

  @Test
  void readsTheSensorsOfAnUnidentifiedBoard() {
    FakeSysfs sysfs = FakeSysfs.board(folder, "nano-jp4");
    BoardDetection detection = Boards.detect(sysfs.identity());

    assertThat(detection.sentence())
        .isEqualTo("any Linux machine: cannot read 'compatible': No such file or directory");
    BoardSnapshot snapshot = sysfs.sensors(detection.board()).read();
    assertThat(rails(snapshot)).isEqualTo("POM_5V_CPU 84, POM_5V_GPU 0, POM_5V_IN 933");
    assertThat(snapshot.power().totalMilliwatts().fault())
        .isEqualTo("the rails that make up the total of this board are not known");
  }

  static Stream<Arguments> power() {
    return Stream.of(
        arguments("nano-jp4", "POM_5V_IN 933, POM_5V_GPU 0, POM_5V_CPU 84", 933),
        arguments(
            "xavier-agx-jp5", "GPU 763, CPU 1144, SOC 1906, CV 0, VDDRQ 381, SYS5V 2528", 6722),
        arguments("xavier-nx-jp5", "VDD_IN 3502, VDD_CPU_GPU_CV 402, VDD_SOC 1206", 3502),
        arguments(
            "orin-agx-jp5",
            "VDD_GPU_SOC 2390, VDD_CPU_CV 797, VIN_SYS_5V0 3522, VDDQ_VDD2_1V8AO 301",
            6709),
        arguments(
            "orin-agx-jp6",
            "VDD_GPU_SOC 3178, VDD_CPU_CV 795, VIN_SYS_5V0 4543, VDDQ_VDD2_1V8AO 300",
            8516),
        arguments("orin-nano-jp6", "VDD_IN 13062, VDD_CPU_GPU_CV 5819, VDD_SOC 2608", 13062),
        arguments("thor-agx-jp7", "VDD_GPU 7706, VDD_CPU_SOC_MSS 11558, VIN_SYS_5V0 8853", -1));
  }

  @ParameterizedTest
  @MethodSource("power")
  void drawsPower(String board, String rails, int total) {
    BoardSnapshot snapshot = snapshot(FakeSysfs.board(folder, board), board);

    assertThat(rails(snapshot)).isEqualTo(rails);
    assertThat(snapshot.power().totalMilliwatts())
        .isEqualTo(
            total < 0 ? Reading.missing("rail 'VIN' is missing") : Reading.of(Long.valueOf(total)));
  }

  @ParameterizedTest
  @CsvSource({
    "nano-jp4, 0.0, 76800000, -1",
    "xavier-agx-jp5, 0.0, 318750000, 670000000",
    "xavier-nx-jp5, 0.0, 114750000, 510000000",
    "orin-agx-jp5, 0.0, 306000000, 612000000",
    "orin-agx-jp6, 0.0, 306000000, 1300500000",
    "orin-nano-jp6, 98.5, 918000000, 918000000",
    "thor-agx-jp7, -1.0, 314000000, -1",
  })
  void hasAGpu(String board, double load, long current, long maximum) {
    BoardSnapshot snapshot = snapshot(FakeSysfs.board(folder, board), board);

    assertThat(snapshot.gpu().loadPercent().value().orElse(-1.0)).isEqualTo(load);
    assertThat(snapshot.gpu().currentHertz().value().orElse(-1L)).isEqualTo(current);
    assertThat(snapshot.gpu().maximumHertz().value().orElse(-1L)).isEqualTo(maximum);
  }

  @ParameterizedTest
  @CsvSource({
    "nano-jp4, -1, 0",
    "xavier-agx-jp5, -1, -1",
    "xavier-nx-jp5, -1, -1",
    "orin-agx-jp5, 750, 66",
    "orin-agx-jp6, 760, 66",
    "orin-nano-jp6, 2500, 110",
    "thor-agx-jp7, 1786, 58",
  })
  void mayHaveAFan(String board, long rotations, long pwm) {
    BoardSnapshot snapshot = snapshot(FakeSysfs.board(folder, board), board);

    assertThat(snapshot.fan().rotationsPerMinute().value().orElse(-1L)).isEqualTo(rotations);
    assertThat(snapshot.fan().pwm().value().orElse(-1L)).isEqualTo(pwm);
  }

  @ParameterizedTest
  @CsvSource({
    "xavier-agx-jp5, 0-3, 4-7",
    "xavier-nx-jp5, 0-3, 4-5",
    "orin-agx-jp5, 0-7, 8-11",
    "orin-agx-jp6, 0-11, ''",
    "orin-nano-jp6, 0-5, ''",
    "thor-agx-jp7, 0-13, ''",
  })
  void hasCpus(String board, String online, String offline) {
    BoardSnapshot snapshot = snapshot(FakeSysfs.board(folder, board), board);

    Cores running = snapshot.cpus().online().value().orElseThrow();
    assertThat(running).hasToString(online);
    assertThat(snapshot.cpus().present().value().orElseThrow().without(running))
        .hasToString(offline);
  }

  @ParameterizedTest
  @CsvSource({
    "xavier-agx-jp5, 89000, 94500",
    "xavier-nx-jp5, 90000, 95500",
    "orin-agx-jp5, 99000, 104500",
    "orin-agx-jp6, 99000, 104500",
    "orin-nano-jp6, 99000, 104500",
    "thor-agx-jp7, -1, 114500",
    "nano-jp4, -1, -1",
  })
  void hasTheTripPointsOfItsTable(String board, int passive, int critical) {
    BoardSnapshot snapshot = snapshot(FakeSysfs.board(folder, board), board);
    Board known = recognised(FakeSysfs.board(otherFolder, board), board);

    assertThat(snapshot.lowestTrip(TripPoint.Kind.PASSIVE)).isEqualTo(known.lowestPassive());
    assertThat(snapshot.lowestTrip(TripPoint.Kind.CRITICAL)).isEqualTo(known.lowestCritical());
    assertThat(value(known.lowestPassive())).isEqualTo(passive);
    assertThat(value(known.lowestCritical())).isEqualTo(critical);
  }

  @ParameterizedTest
  @CsvSource({"orin-agx-jp5, true", "orin-agx-jp6, false", "thor-agx-jp7, false"})
  void mayEmulateATemperature(String board, boolean emulates) {
    assertThat(snapshot(FakeSysfs.board(folder, board), board).zoneDetails().get(0).emulates())
        .isEqualTo(emulates);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nano-jp4",
        "xavier-agx-jp5",
        "xavier-nx-jp5",
        "orin-agx-jp5",
        "orin-agx-jp6",
        "orin-nano-jp6",
        "thor-agx-jp7"
      })
  void isTheSameAfterABootThatRenumbers(String board) {
    BoardSnapshot before = snapshot(FakeSysfs.board(folder, board), board);
    BoardSnapshot after = snapshot(FakeSysfs.renumbered(otherFolder, board), board);

    assertThat(after).usingRecursiveComparison().ignoringFields("coolingDevices").isEqualTo(before);
    assertThat(after.coolingDevices())
        .extracting(CoolingDevice::type)
        .containsExactlyInAnyOrderElementsOf(
            before.coolingDevices().stream().map(CoolingDevice::type).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"xavier-nx-jp5", "orin-agx-jp5", "orin-agx-jp6", "orin-nano-jp6", "thor-agx-jp7"})
  void aCoolBoardHasNoLimitedClocks(String board) {
    BoardSnapshot snapshot = snapshot(FakeSysfs.board(folder, board), board);

    assertThat(snapshot.limitingClocks()).isEmpty();
    assertThat(snapshot.coolingDevices()).isNotEmpty();
  }

  @Test
  void noticesThatTheKernelThrottles() {
    FakeSysfs sysfs =
        FakeSysfs.board(folder, "thor-agx-jp7")
            .file("class/thermal/cooling_device4/cur_state", "1");

    assertThat(snapshot(sysfs, "thor-agx-jp7").limitingClocks())
        .extracting(CoolingDevice::type)
        .containsExactly("gpu-throttle-alert");
  }

  @Test
  void aBurstOfOverCurrentIsADifference() {
    FakeSysfs sysfs = FakeSysfs.board(folder, "orin-nano-jp6");
    BoardSnapshot before = snapshot(sysfs, "orin-nano-jp6");
    sysfs.file("class/hwmon/hwmon3/oc3_event_cnt", "27450");

    assertThat(snapshot(sysfs, "orin-nano-jp6").overCurrentSince(before))
        .containsExactly(
            new BoardSnapshot.OverCurrentRise("oc1", Reading.of(0L)),
            new BoardSnapshot.OverCurrentRise("oc2", Reading.of(0L)),
            new BoardSnapshot.OverCurrentRise("oc3", Reading.of(60L)));
  }

  @Test
  void overCurrentThatCannotBeReadHasNoRise() {
    FakeSysfs sysfs = FakeSysfs.board(folder, "orin-nano-jp6");
    BoardSnapshot whole = snapshot(sysfs, "orin-nano-jp6");
    sysfs.file("class/hwmon/hwmon3/oc3_event_cnt", "!EINVAL");
    BoardSnapshot broken = snapshot(sysfs, "orin-nano-jp6");

    assertThat(broken.power().overCurrents().value().orElseThrow().get(2))
        .isEqualTo(
            new OverCurrent(
                "oc3", Reading.missing("cannot read 'oc3_event_cnt': Invalid argument")));
    assertThat(broken.overCurrentSince(whole).get(2).events().value()).isEmpty();
    assertThat(whole.overCurrentSince(broken).get(2).events().fault())
        .isEqualTo("not read before: cannot read 'oc3_event_cnt': Invalid argument");
  }

  @Test
  void aThorAtWorkIsNormalForAThor() {
    FakeSysfs sysfs = FakeSysfs.board(folder, "thor-agx-jp7").temp(1, "108000").temp(4, "108900");
    assertThat(heatOfThor(sysfs)).isEqualTo(HeatState.NORMAL);

    sysfs.temp(1, "112000");
    assertThat(heatOfThor(sysfs)).isEqualTo(HeatState.THROTTLED);
    sysfs.temp(1, "113000");
    assertThat(heatOfThor(sysfs)).isEqualTo(HeatState.CRITICAL);
  }

  private static HeatState heatOfThor(FakeSysfs sysfs) {
    Board thor = Boards.detect(sysfs.identity()).board();
    BoardSnapshot snapshot = sysfs.sensors(thor).read();
    return new Governor(thor.thresholds(snapshot.lowestTrip(TripPoint.Kind.CRITICAL)))
        .next(Heat.unknown(NOON), ZoneSelection.summarise(snapshot.zones()), NOON, Duration.ZERO)
        .state();
  }

  private static BoardSnapshot snapshot(FakeSysfs sysfs, String board) {
    return sysfs.sensors(recognised(sysfs, board)).read();
  }

  /** The Nano was recorded without its device tree. */
  private static Board recognised(FakeSysfs sysfs, String board) {
    BoardIdentity nano =
        new BoardIdentity(
            Reading.of(List.of("nvidia,jetson-nano", "nvidia,tegra210")),
            Reading.missing("not recorded"),
            Reading.missing("not recorded"));
    return Boards.detect(board.equals("nano-jp4") ? nano : sysfs.identity()).board();
  }

  private static String rails(BoardSnapshot snapshot) {
    return String.join(
        ", ",
        snapshot.power().rails().value().orElseThrow().stream()
            .map(BoardSensorsTest::rail)
            .toList());
  }

  private static String rail(Rail rail) {
    return rail.label() + " " + rail.milliwatts().value().orElseThrow();
  }

  private static int value(Optional<MilliCelsius> temperature) {
    return temperature.map(MilliCelsius::value).orElse(-1);
  }
}
