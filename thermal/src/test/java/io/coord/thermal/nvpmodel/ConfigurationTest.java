package io.coord.thermal.nvpmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.thermal.Cores;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModes;
import io.coord.thermal.ThermalException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {

  static Set<String> boards() {
    return ModeTables.boards().keySet();
  }

  @ParameterizedTest
  @MethodSource("boards")
  void everyBoardsTableIsRead(String board) {
    PowerModes modes = ModeTables.board(board);
    assertThat(Configuration.parse("conf", ModeTables.text(modes))).isEqualTo(modes);
  }

  @ParameterizedTest
  @MethodSource("boards")
  void modesOfOneLiveGroupNeedNoRebootAndOthersDo(String board) {
    PowerModes modes = Configuration.parse("conf", ModeTables.text(ModeTables.board(board)));
    for (ModeTables.Row from : ModeTables.rows(board)) {
      for (ModeTables.Row to : ModeTables.rows(board)) {
        boolean known = !from.group().equals("?") && !to.group().equals("?");
        assertThat(modes.liveFrom(from.mode(), to.mode()))
            .as("%s to %s", from.mode().name(), to.mode().name())
            // A group that nobody has confirmed is never taken for live with another one.
            .isEqualTo(known ? from.group().equals(to.group()) : from.equals(to));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "p3701_0000, MAXN, MODE_50W",
    "p3767_0000_super, MAXN_SUPER, 40W 25W",
    "p3767_0003_super, 25W, 15W",
    "p3767_0004, 10W, 7W_AI 7W_CPU",
    "p3834_0008, MAXN, 120W",
    "t194, MODE_30W_ALL, MODE_30W_6CORE MODE_30W_4CORE MODE_15W_DESKTOP MODE_30W_2CORE MODE_15W",
    "t194_p3668, MODE_15W_6CORE,"
        + " MODE_20W_4CORE MODE_15W_4CORE MODE_20W_2CORE MODE_15W_2CORE"
        + " MODE_10W_DESKTOP MODE_10W_4CORE MODE_10W_2CORE",
  })
  void lowerModesComeFromTheMildestToTheLowest(String board, String from, String lower) {
    PowerModes modes = ModeTables.board(board);
    assertThat(modes.lowerLive(modes.find(from).orElseThrow()))
        .extracting(PowerMode::name)
        .containsExactly(lower.split(" ", -1));
  }

  @ParameterizedTest
  @CsvSource({
    "p3701_0000, MODE_30W, MAXN",
    "p3701_0000, MODE_15W, MAXN",
    "p3767_0003_super, 15W, MAXN_SUPER",
    "p3834_0008, 120W, MAXN",
  })
  void heatCannotLowerTheModeFromEachModeButFromAnother(String board, String from, String other) {
    PowerModes modes = ModeTables.board(board);
    assertThat(modes.canBeLowered(modes.find(from).orElseThrow())).isFalse();
    assertThat(modes.highestThatCanBeLowered()).map(PowerMode::name).contains(other);
    assertThat(modes.canBeLowered(modes.find(other).orElseThrow())).isTrue();
  }

  @Test
  void everyConstructOfShippedFilesIsRead() {
    PowerModes modes = Configuration.parse("conf", ModeTables.resource("grammar-cases.conf"));

    assertThat(modes.defaultId()).hasValue(2);
    assertThat(modes.modes())
        .containsExactly(
            new PowerMode(
                0,
                "MAXN_TEST",
                Cores.of(0, 1),
                Cores.of(),
                Map.of("TPC_PG_MASK", "0"),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty()),
            new PowerMode(
                2,
                "15W",
                Cores.of(0),
                Cores.of(1),
                Map.of("TPC_PG_MASK", "248"),
                OptionalLong.of(1_113_600),
                OptionalLong.empty(),
                OptionalLong.of(3_199_000_000L)),
            new PowerMode(
                7,
                "ORDER_SWAPPED",
                Cores.of(0, 1),
                Cores.of(),
                Map.of("TPC_PG_MASK", "0"),
                OptionalLong.of(1_497_600),
                OptionalLong.empty(),
                OptionalLong.of(2_133_000_000)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"7.5W", "50W(AI)", "7W AI", "a-b+c/d", "7W  AI (test)", "Größe 2", "15"})
  void aNameIsAnyTextAndIsFound(String name) {
    PowerModes modes =
        Configuration.parse(
            "conf",
            "< POWER_MODEL NAME=%1$s ID=3 >\n<POWER_MODEL ID=4 NAME=%1$s x>\n< PM_CONFIG DEFAULT=3 >\n"
                .formatted(name));
    assertThat(modes.problems()).isEmpty();
    assertThat(modes.modes()).extracting(PowerMode::name).containsExactly(name, name + " x");
    assertThat(modes.find(name)).contains(modes.modes().get(0));
    assertThat(modes.find(name + " X")).contains(modes.modes().get(1));
  }

  @Test
  void theFastestClusterCountsAndCpuZeroIsAlwaysOn() {
    PowerModes modes =
        Configuration.parse(
            "conf",
            """
            < POWER_MODEL ID=4 NAME=A > # by hand
            CPU_ONLINE CORE_0 0
            CPU_ONLINE CORE_01 1
            CPU_DENVER_0 MAX_FREQ 1200000
            CPU_DENVER_2 MAX_FREQ 1400000
            GPU MAX_FREQ 2147483647
            GPU_POWER_CONTROL_ENABLE GPU_PWR_CNTL_EN on
            TPC_POWER_GATING TPC_PG_MASK 0xF0
            GPU_POWER_GATING GPU_PG_MASK none
            < FAN_CONFIG DEFAULT=cool >
            whatever this is
            < PM_CONFIG DEFAULT=4 >
            """);

    PowerMode mode = modes.modes().get(0);
    assertThat(mode.online()).isEqualTo(Cores.of(0, 1));
    assertThat(mode.offline()).isEqualTo(Cores.of());
    assertThat(mode.cpuMaxKilohertz()).hasValue(1_400_000);
    assertThat(mode.gpuMaxHertz()).isEmpty();
    assertThat(mode.gatingMasks()).isEqualTo(Map.of("GPU_PG_MASK", "none", "TPC_PG_MASK", "240"));
  }

  @Test
  void everyFaultIsNamed() {
    assertThatThrownBy(
            () ->
                Configuration.parse(
                    "/etc/nvpmodel.conf",
                    """
                    stray
                    < POWER_MODEL NAME=A >
                    < POWER_MODEL ID=x NAME=B >
                    < POWER_MODEL ID=1 >
                    < POWER_MODEL ID=2 NAME=C >
                    CPU_ONLINE CORE_1
                    CPU_ONLINE CORE_2 2
                    GPU MAX_FREQ fast
                    < POWER_MODEL ID=2 NAME=D >
                    < POWER_MODEL ID=3 NAME=E
                    < PM_CONFIG >
                    """))
        .isInstanceOf(ThermalException.class)
        .hasMessage(
            "cannot read power modes from '/etc/nvpmodel.conf':"
                + " line 1: 'stray' is outside of a section;"
                + " line 2: POWER_MODEL has no ID;"
                + " line 3: ID 'x' is not the id of a mode;"
                + " line 4: POWER_MODEL has no NAME;"
                + " line 6: 'CPU_ONLINE CORE_1' is not PARAM ARG VALUE;"
                + " line 7: 'CPU_ONLINE CORE_2 2' is not CORE_n 0 or 1;"
                + " line 8: the value of 'GPU MAX_FREQ fast' is not a number;"
                + " line 9: duplicate power mode 2 'D';"
                + " line 10: '< POWER_MODEL ID=3 NAME=E' is not a section;"
                + " line 11: PM_CONFIG has no DEFAULT; power modes are not available");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CPU_ONLINE CORE_1       | line 2: 'CPU_ONLINE CORE_1' is not PARAM ARG VALUE",
        "CPU_ONLINE CORE_1 2     | line 2: 'CPU_ONLINE CORE_1 2' is not CORE_n 0 or 1",
        "GPU MAX_FREQ fast       | line 2: the value of 'GPU MAX_FREQ fast' is not a number",
        "<<<< HEAD                | line 2: '<<<< HEAD' is not a section",
        "< POWER_MODEL ID=2 NAME=E | line 2: '< POWER_MODEL ID=2 NAME=E' is not a section",
      })
  void aBadLineLosesAtMostItsMode(String bad, String problem) {
    PowerModes modes =
        Configuration.parse(
            "conf",
            """
            < POWER_MODEL ID=0 NAME=MAXN >
            %s
            < POWER_MODEL ID=1 NAME=15W >
            CPU_ONLINE CORE_1 0
            < PM_CONFIG DEFAULT=1 >
            """
                .formatted(bad));

    assertThat(modes.find(1)).isPresent();
    assertThat(modes.find(0).isPresent()).isEqualTo(bad.equals("< POWER_MODEL ID=2 NAME=E"));
    assertThat(modes.defaultId()).hasValue(1);
    assertThat(modes.problems()).containsExactly(problem);
  }

  @Test
  void modesThatShareAnIdOrANameAreLeftOut() {
    PowerModes modes =
        Configuration.parse(
            "conf",
            """
            < POWER_MODEL ID=0 NAME=A >
            < POWER_MODEL ID=0 NAME=B >
            < POWER_MODEL ID=1 NAME=C >
            < POWER_MODEL ID=2 NAME=C >
            < POWER_MODEL ID=3 NAME=D >
            < PM_CONFIG DEFAULT=0 >
            """);

    assertThat(modes.modes()).extracting(PowerMode::id).containsExactly(3);
    assertThat(modes.defaultId()).isEmpty();
    assertThat(modes.problems())
        .containsExactly(
            "line 2: duplicate power mode 0 'B'",
            "line 4: duplicate power mode 2 'C'",
            "the default 0 is not among the usable modes");
  }

  @Test
  void rejectsATruncatedFile() {
    String text = ModeTables.text(ModeTables.board("p3701_0000"));
    for (int length = 0; length < text.indexOf("< PM_CONFIG"); length += 7) {
      String cut = text.substring(0, length);
      assertThatThrownBy(() -> Configuration.parse("conf", cut))
          .isInstanceOf(ThermalException.class);
    }
    assertThat(Configuration.parse("conf", text.replace("DEFAULT=2", "DEFAULT=5")).problems())
        .containsExactly("the default 5 is not among the usable modes");
    assertThatThrownBy(() -> Configuration.parse("conf", ""))
        .hasMessageContaining("no POWER_MODEL found");
  }
}
