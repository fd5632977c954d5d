package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.coord.thermal.BoardDetection.Match;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BoardDetectionTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nvidia,p3449-0000-b00+p3448-0000-b00;nvidia,jetson-nano;nvidia,tegra210| Nano",
        "nvidia,galen;nvidia,jetson-xavier;nvidia,p2822-0000+p2888-0001;nvidia,tegra194| AGX"
            + " Xavier",
        "nvidia,p2822-0000+p2888-0006;nvidia,tegra194| AGX Xavier 8 GB",
        "nvidia,jetson-xavier-industrial;nvidia,tegra194| AGX Xavier Industrial",
        "nvidia,p3449-0000+p3668-0000;nvidia,p3509-0000+p3668-0000;nvidia,tegra194| Xavier NX",
        "nvidia,p3737-0000+p3701-0000;nvidia,tegra234;nvidia,tegra23x"
            + "| AGX Orin 32 GB module of the developer kit",
        "nvidia,p3737-0000+p3701-0004;nvidia,tegra234| AGX Orin 32 GB",
        "nvidia,p3737-0000+p3701-0005;nvidia,p3701-0005;nvidia,tegra234| AGX Orin 64 GB",
        "nvidia,p3740-0002+p3701-0008;nvidia,tegra234| AGX Orin Industrial",
        "nvidia,p3740-0002+p3701-0002;nvidia,tegra234| IGX Orin",
        "nvidia,p3768-0000+p3767-0000-super;nvidia,tegra234| Orin NX 16 GB",
        "nvidia,p3768-0000+p3767-0001;nvidia,tegra234| Orin NX 8 GB",
        "nvidia,p3768-0000+p3767-0003;nvidia,tegra234| Orin Nano 8 GB",
        "nvidia,p3768-0000+p3767-0005-super;nvidia,p3767-0005;nvidia,tegra234"
            + "| Orin Nano 8 GB of the developer kit",
        "nvidia,p3768-0000+p3767-0004;nvidia,tegra234| Orin Nano 4 GB",
        "nvidia,p4071-0000+p3834-0008;nvidia,p3834-0008;nvidia,tegra264| AGX Thor T5000",
        "nvidia,p4071-0000+p3834-0000;nvidia,tegra264| AGX Thor T4000",
      })
  void aModuleIsKnownByItsToken(String row) {
    String[] columns = row.split("\\| ?", -1);
    BoardDetection detection = detect(columns[0].split(";", -1));

    assertThat(detection.board().model().module()).isEqualTo(columns[1]);
    assertThat(detection.match()).isEqualTo(Match.MODULE);
    assertThat(detection.sentence()).isEqualTo(columns[1] + ", " + detection.board().model().soc());
  }

  @Test
  void theMostSpecificEntryDecides() {
    assertThat(detect("x+p3767-0004", "p3767-0000", "nvidia,tegra234").board().model().module())
        .isEqualTo("Orin Nano 4 GB");
  }

  @Test
  void anUnknownModuleIsHandledAsAMemberOfItsFamily() {
    BoardDetection detection = detect("acme,p9999-0001", "nvidia,tegra234");

    assertThat(detection.match()).isEqualTo(Match.FAMILY);
    assertThat(detection.board().model().family()).isEqualTo("Orin");
    assertThat(detection.sentence())
        .isEqualTo(
            "an unknown module of the Orin family, tegra234: '/proc/device-tree/compatible' is"
                + " 'acme,p9999-0001', 'nvidia,tegra234'");
    assertThat(detection.board().totalMilliwatts(rails("VDD_IN", "VDD_SOC")))
        .as("as the NX")
        .isEqualTo(Reading.of(1L));
    assertThat(detection.board().totalMilliwatts(rails("VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0")))
        .as("as the AGX")
        .isEqualTo(Reading.of(3L));
    assertThat(detection.board().totalMilliwatts(rails("VDD_GPU_SOC", "VIN_SYS_5V0")).fault())
        .as("as an AGX that lacks a rail")
        .isEqualTo("rail 'VDD_CPU_CV' is missing");
  }

  @Test
  void aJetsonWithoutATableIsHandledAsAnyLinux() {
    BoardDetection detection = detect("nvidia,p2771-0000", "nvidia,tegra186");

    assertThat(detection.match()).isEqualTo(Match.UNKNOWN_JETSON);
    assertThat(detection.board()).isEqualTo(Boards.anyLinux());
    assertThat(detection.sentence())
        .startsWith("a Jetson with the chip 'tegra186', which has no table");
  }

  @Test
  void anotherMachineIsAnyLinux() {
    assertThat(detect("raspberrypi,4-model-b", "brcm,bcm2711").sentence())
        .isEqualTo("any Linux machine: 'raspberrypi,4-model-b', 'brcm,bcm2711' is not a Jetson");
    BoardDetection pc =
        Boards.detect(
            new BoardIdentity(
                Reading.missing("cannot read 'compatible': No such file or directory"),
                Reading.missing("-"),
                Reading.missing("-")));
    assertThat(pc.match()).isEqualTo(Match.NO_JETSON);
    assertThat(pc.sentence())
        .isEqualTo("any Linux machine: cannot read 'compatible': No such file or directory");
  }

  @ParameterizedTest
  @CsvSource({
    "R32, 7.1, 32.7.1, JetPack 4.6.1 (L4T 32.7.1), 4",
    "R35, 3.1, 35.3.1, JetPack 5.1.1 (L4T 35.3.1), 5",
    "R35, 4.1, 35.4.1, JetPack 5.1.2 (L4T 35.4.1), 5",
    "R35, 6.2, 35.6.2, JetPack 5.1.5 (L4T 35.6.2), 5",
    "R36, 2.0, 36.2.0, JetPack 6.0 DP (L4T 36.2.0), 6",
    "R36, 4.7, 36.4.7, JetPack 6.2.1 (L4T 36.4.7), 6",
    "R36, 4.99, 36.4.99, JetPack 6.x (L4T 36.4.99), 6",
    "R38, 2.0, 38.2.0, JetPack 7.0 (L4T 38.2.0), 7",
    "R38, 4.0, 38.4.0, JetPack 7.1 (L4T 38.4.0), 7",
    "R39, 2.1, 39.2.1, JetPack 7.2 (L4T 39.2.1), 7",
  })
  void aReleaseIsLookedUp(
      String major, String revision, String l4t, String sentence, int generation) {
    L4tRelease release =
        Boards.release(
                "# %s (release), REVISION: %s, GCID: 42132812, BOARD: t186ref, EABI: aarch64"
                    .formatted(major, revision))
            .orElseThrow();

    assertThat(release.l4t()).isEqualTo(l4t);
    assertThat(release.sentence()).isEqualTo(sentence);
    assertThat(release.generation()).contains(generation);
  }

  @Test
  void showsAnUnknownRelease() {
    assertThat(Boards.release("# R50 (release), REVISION: 1.0, GCID: 1"))
        .contains(new L4tRelease("50.1.0", Optional.empty(), Optional.empty()));
    assertThat(Boards.release("# R50 (release), REVISION: 1.0").orElseThrow().sentence())
        .isEqualTo("L4T 50.1.0, unknown JetPack");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "R36.4.7", "# R36 (release)", "# Rx (release), REVISION: 4.7"})
  void rejectsOtherReleaseLines(String line) {
    assertThat(Boards.release(line)).isEmpty();
  }

  @Test
  void theZonesThatDecideAreThoseOfAllTables() {
    assertThat(Boards.zones())
        .containsExactly(
            "ao",
            "aux",
            "bcpu",
            "bigcore",
            "cluster",
            "coretemp",
            "cpu",
            "cpuss",
            "cv",
            "cv0",
            "cv1",
            "cv2",
            "gpc",
            "gpu",
            "gpuss",
            "k10temp",
            "littlecore",
            "mcpu",
            "npu",
            "pll",
            "soc",
            "soc0",
            "soc012",
            "soc1",
            "soc2",
            "soc345",
            "tj",
            "x86_pkg_temp",
            "zenpower");
  }

  @Test
  void everyBoardHasThresholdsThatItCanReach() {
    List<Board> boards = new ArrayList<>(Boards.all());
    boards.add(Boards.anyLinux());
    assertThat(boards).hasSize(18);
    for (Board board : boards) {
      Thresholds thresholds = board.thresholds();
      if (!board.model().family().equals("Thor")) {
        assertThat(thresholds).as(board.model().module()).isEqualTo(Thresholds.DEFAULT);
      }
      board.lowestCritical().ifPresent(trip -> assertThat(thresholds.critical()).isLessThan(trip));
    }
  }

  @Test
  void theThresholdsOfAThorFollowItsTripPoint() {
    Board thor = detect("nvidia,p3834-0008", "nvidia,tegra264").board();

    assertThat(thor.thresholds().throttle()).isEqualTo(MilliCelsius.ofDegrees(111.5));
    assertThat(thor.thresholds().critical()).isEqualTo(MilliCelsius.ofDegrees(113));
    assertThat(thor.thresholds().exitOf(HeatState.THROTTLED))
        .as("a Thor at work sits at up to 109 °C and must be able to start the next")
        .isEqualTo(MilliCelsius.ofDegrees(110));
    assertThat(thor.thresholds(Optional.of(MilliCelsius.ofDegrees(105))).critical())
        .as("the kernel knows better than the table")
        .isEqualTo(MilliCelsius.ofDegrees(103.5));
    assertThat(thor.thresholds(Optional.of(new MilliCelsius(0))).critical())
        .as("a trip point that cannot be one")
        .isEqualTo(MilliCelsius.ofDegrees(113));
  }

  @Test
  void tripPointsArePerModule() {
    assertThat(detect("p2888-0001", "nvidia,tegra194").board().lowestPassive())
        .contains(MilliCelsius.ofDegrees(89));
    assertThat(detect("p3668", "nvidia,tegra194").board().lowestPassive())
        .contains(MilliCelsius.ofDegrees(90));
    assertThat(detect("p3701-0005", "nvidia,tegra234").board().lowestCritical())
        .contains(MilliCelsius.ofDegrees(104.5));
    assertThat(detect("p3834-0008", "nvidia,tegra264").board().lowestPassive()).isEmpty();
  }

  @Test
  void whatMakesASwitchOfTheModeLiveIsPerFamily() {
    assertThat(detect("p3701-0005", "nvidia,tegra234").board().powerModes().parameters())
        .containsExactly("TPC_PG_MASK", "FBP_PG_MASK");
    assertThat(detect("p3834-0008", "nvidia,tegra264").board().powerModes().parameters())
        .containsExactly("GPU_POWER_GATING");
    assertThat(detect("p3448", "nvidia,tegra210").board().powerModes().kind())
        .isEqualTo(PowerModeRule.Kind.ALWAYS_LIVE);
    assertThat(Boards.anyLinux().powerModes().kind()).isEqualTo(PowerModeRule.Kind.NO_MODES);
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        arguments("famly\tX", "'famly' with 2 columns is not a valid row"),
        arguments("family\tX\tY", "'family' with 3 columns is not a valid row"),
        arguments("module\tp1\tModule\t5\t-\t-", "'family' is not defined above"),
        arguments("trips\tx\tcpu\twarm\t-", "'warm' is not a temperature"),
        arguments(REST.replace("none", "some") + MODULE, "'some' is not a rule for power modes"),
        arguments(
            REST.replace("none", "equal") + MODULE, "invalid power mode rule: EQUAL_PARAMETERS"),
        arguments(REST.replace("absolute", "about") + MODULE, "'about' is not a kind of threshold"),
        arguments(REST.replace("75", "-") + MODULE, "'-' is not a temperature"),
        arguments(REST + MODULE.replace("5 6", "five"), "For input string: \"five\""),
        arguments(REST + MODULE.replace("5 6\t-", "5\ttrip"), "'trip' is not defined above"));
  }

  private static final String REST =
      """
      family\tX
      soc\t-
      zones\tcpu
      thresholds\tabsolute\t75\t85\t5\t10
      power-modes\tnone
      gpu-load\t-
      gpu-frequency\t-
      """;

  private static final String MODULE = "module\t*\tModule\t5 6\t-\t-";

  @Test
  void readsAValidTable() {
    assertThat(BoardTable.parse("x.tsv", (REST + MODULE).lines().toList())).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void rejectsAnInvalidTableWithItsLine(String table, String why) {
    List<String> lines = table.lines().toList();
    assertThatThrownBy(() -> BoardTable.parse("x.tsv", lines))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("cannot read line %d of 'x.tsv': %s".formatted(lines.size(), why));
  }

  @Test
  void aTableWithoutAFallbackIsRefused() {
    assertThatThrownBy(() -> BoardTable.parse("x.tsv", List.of("family\tX")))
        .hasMessage("cannot read 'x.tsv': its last row is not the module '*'");
  }

  private static BoardDetection detect(String... compatible) {
    return Boards.detect(
        new BoardIdentity(
            Reading.of(List.of(compatible)), Reading.missing("-"), Reading.missing("-")));
  }

  private static List<Rail> rails(String... labels) {
    return List.of(labels).stream().map(label -> new Rail(label, Reading.of(1L))).toList();
  }
}
