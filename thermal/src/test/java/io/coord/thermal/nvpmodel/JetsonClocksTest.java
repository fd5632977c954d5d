package io.coord.thermal.nvpmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.thermal.CommandRunner;
import io.coord.thermal.ThermalException;
import io.coord.thermal.testing.SimulatedPowerModes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JetsonClocksTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private @TempDir Path folder;
  private FakeBoard board;
  private JetsonClocks clocks;

  @BeforeEach
  void start() {
    board = new FakeBoard(folder, SimulatedPowerModes.AGX_ORIN);
    board.set(2);
    clocks = board.clocks(LIMIT);
  }

  @Test
  void restoresTheClocks() {
    assertThat(clocks.inForce()).isFalse();
    clocks.pin();
    assertThat(clocks.inForce()).isTrue();
    assertThat(board.pinned()).isTrue();
    clocks.release();
    assertThat(clocks.inForce()).isFalse();
    assertThat(board.pinned()).isFalse();
  }

  @Test
  void replacesOldStoredClocks() throws Exception {
    Files.writeString(folder.resolve("note"), "old");
    clocks.pin();
    assertThat(folder.resolve("note")).hasContent("729600");
  }

  @Test
  void keepsStoredClocksWhileTheClocksArePinned() {
    clocks.pin();
    clocks.pin();
    assertThat(folder.resolve("note")).hasContent("729600");
  }

  @Test
  void releasesNothingWithoutStoredClocks() {
    clocks.release();
    assertThat(board.takeCalls()).isEmpty();
  }

  @Test
  void doesNotPinClocksThatCannotBeStored() {
    board.behaviour("clocks-no-note");
    assertThatThrownBy(clocks::pin)
        .isInstanceOf(ThermalException.class)
        .hasMessageContaining("--store' reported success but did not write");
    assertThat(board.pinned()).isFalse();
  }

  @Test
  void aToolThatHangsIsKilled() {
    board.behaviour("clocks-hang");
    assertThatThrownBy(board.clocks(Duration.ofMillis(300))::inForce)
        .isInstanceOf(ThermalException.class)
        .hasMessageEndingWith("--show': no answer within 0.3 s");
  }

  @ParameterizedTest
  @CsvSource({
    "729600, 306000000, false",
    "2201600, 306000000, false",
    "729600, 1300500000, false",
    "2201600, 1300500000, true",
  })
  void coresAndGpuDecide(String core, String gpu, boolean inForce) {
    String shown =
        ModeTables.resource("samples/jetson-clocks-show.txt")
            .replace("MinFreq=729600", "MinFreq=" + core)
            .replace("MinFreq=306000000", "MinFreq=" + gpu);
    assertThat(showing(shown).inForce()).isEqualTo(inForce);
  }

  @Test
  void anAnswerWithoutClocksIsAnError() {
    assertThatThrownBy(showing("SOC family:tegra234\n")::inForce)
        .hasMessageEndingWith("shows no clocks");
  }

  private static JetsonClocks showing(String text) {
    CommandRunner runner = (command, limit) -> new CommandRunner.Ended(0, text);
    return new JetsonClocks(Path.of("/usr/bin/jetson_clocks"), runner, Path.of("/none"), LIMIT);
  }
}
