package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.thermal.testing.SimulatedPowerModes;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PowerModesTest {

  private static PowerMode mode(int id, String name, int cores, String mask, long cpu, long gpu) {
    return new PowerMode(
        id,
        name,
        Cores.parse("0-" + (cores - 1)),
        Cores.of(),
        mask.isEmpty() ? Map.of() : Map.of("TPC_PG_MASK", mask),
        cpu == 0 ? OptionalLong.empty() : OptionalLong.of(cpu),
        gpu == 0 ? OptionalLong.empty() : OptionalLong.of(gpu),
        OptionalLong.empty());
  }

  private static PowerModes of(PowerMode... modes) {
    return new PowerModes(List.of(modes), modes[0].id());
  }

  private static final PowerModes NAMES =
      of(
          mode(0, "MAXN", 8, "0", 0, 0),
          mode(4, "15W", 4, "0", 1, 1),
          mode(1, "25w", 4, "0", 1, 1),
          mode(7, "25W", 4, "0", 1, 1),
          mode(9, "Turbo", 4, "0", 1, 1),
          mode(8, "7", 4, "0", 1, 1));

  @ParameterizedTest
  @CsvSource({
    "4, 15W",
    "15W, 15W",
    "15w, 15W",
    "25w, 25w",
    "25W, 25W",
    "TURBO, Turbo",
    "' 0 ', MAXN",
    "7, 25W",
    "04, 15W"
  })
  void findsAModeByIdThenNameThenNameInAnyCase(String wanted, String name) {
    assertThat(NAMES.find(wanted)).get().extracting(PowerMode::name).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({"2", "MAX", "''", "99999999999", "-1"})
  void findsNoModeForOtherText(String wanted) {
    assertThat(NAMES.find(wanted)).isEmpty();
  }

  @Test
  void anAmbiguousNameFindsNoMode() {
    PowerModes two = of(mode(1, "25w", 4, "0", 1, 1), mode(2, "25W", 4, "0", 1, 1));
    assertThat(two.find("25W").orElseThrow().id()).isEqualTo(2);
    PowerModes three = of(mode(1, "abC", 4, "0", 1, 1), mode(2, "Abc", 4, "0", 1, 1));
    assertThat(three.find("ABC")).isEmpty();
  }

  @Test
  void idAndNameMustBelongToTheSameMode() {
    assertThat(NAMES.find(new CurrentMode(4, "15W"))).isPresent();
    assertThat(NAMES.find(new CurrentMode(4, "MAXN"))).isEmpty();
    assertThat(NAMES.find(new CurrentMode(3, "15W"))).isEmpty();
  }

  @Test
  void suggestsTheMostSimilarNamesFirst() {
    PowerModes orin = SimulatedPowerModes.AGX_ORIN;
    assertThat(orin.nearest("30w").get(0)).isEqualTo("MODE_30W");
    assertThat(orin.nearest("MODE_51W").get(0)).isEqualTo("MODE_50W");
    assertThat(orin.nearest("max").get(0)).isEqualTo("MAXN");
    assertThat(orin.nearest("")).hasSize(3);
  }

  @Test
  void rejectsDuplicates() {
    PowerMode a = mode(0, "A", 1, "", 1, 1);
    assertThatThrownBy(() -> of(a, mode(0, "B", 1, "", 1, 1)))
        .hasMessage("invalid power modes: '0' occurs twice");
    assertThatThrownBy(() -> of(a, mode(1, "A", 1, "", 1, 1)))
        .hasMessage("invalid power modes: 'A' occurs twice");
    assertThatThrownBy(() -> new PowerModes(List.of(a), 3))
        .hasMessage("invalid power modes: the default 3 is not among them");
  }

  @Test
  void aMaskThatOnlyOneModeSetsIsNotLive() {
    PowerMode with = mode(0, "A", 1, "0", 1, 1);
    PowerMode without = mode(1, "B", 1, "", 1, 1);
    PowerModes modes = of(with, without);
    assertThat(modes.liveFrom(with, without)).isFalse();
    assertThat(modes.liveFrom(without, with)).isFalse();
    assertThat(modes.liveFrom(without, without)).isTrue();
  }

  private static List<String> lower(PowerModes modes, String from) {
    return modes.lowerLive(modes.find(from).orElseThrow()).stream().map(PowerMode::name).toList();
  }

  @Test
  void capsDecideWhatIsLowerAndNotTheWattsOfTheName() {
    PowerModes named =
        of(
            mode(0, "MODE_5W", 8, "0", 0, 0),
            mode(1, "HOT", 2, "0", 1_000_000, 400_000_000),
            mode(2, "MODE_50W", 4, "0", 1_000_000, 500_000_000),
            mode(3, "OTHER_MASK", 1, "1", 1_000, 1_000));
    assertThat(lower(named, "MODE_5W")).containsExactly("MODE_50W", "HOT");
    assertThat(lower(named, "MODE_50W")).containsExactly("HOT");
    assertThat(lower(named, "HOT")).isEmpty();
    assertThat(lower(named, "OTHER_MASK")).isEmpty();
  }

  @Test
  void aMissingCapIsMoreThanTheHighest() {
    PowerModes nano =
        of(
            mode(0, "10W", 6, "252", 1_497_600, 612_000_000),
            mode(1, "25W", 6, "252", 1_728_000, 1_020_000_000),
            mode(2, "MAXN_SUPER", 6, "252", 0, 0));
    assertThat(lower(nano, "MAXN_SUPER")).containsExactly("25W", "10W");
  }

  @Test
  void modesThatDrawTheSameAreNotLowerThanEachOther() {
    PowerModes modes = of(mode(0, "A", 4, "0", 1, 1), mode(1, "B", 4, "0", 1, 1));
    assertThat(lower(modes, "A")).isEmpty();
    assertThat(lower(modes, "B")).isEmpty();
  }

  @Test
  void aTableWithoutAnyCapHasOnlyCores() {
    PowerModes modes = of(mode(0, "A", 4, "", 0, 0), mode(1, "B", 2, "", 0, 0));
    assertThat(lower(modes, "A")).containsExactly("B");
  }
}
