package io.coord.thermal.nvpmodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.CurrentMode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NvpmodelOutputTest {

  private static NvpmodelOutput sample(String name) {
    return new NvpmodelOutput(ModeTables.resource("samples/nvpmodel-" + name + ".txt"));
  }

  @ParameterizedTest
  @CsvSource({
    "q.jp4-fan-warning, 2, MODE_15W",
    "q.orin-agx-30w, 2, MODE_30W",
    "q.orin-agx-maxn, 0, MAXN",
    "q.orin-nano-15w, 0, 15W",
    "q.orin-nano-super, 2, MAXN_SUPER",
    "q.thor, 1, 120W",
    "q-verbose, 3, MODE_50W",
  })
  void findsTheModeAnywhereInTheOutput(String sample, int id, String name) {
    assertThat(sample(sample).mode()).contains(new CurrentMode(id, name));
    assertThat(sample(sample).errors()).isEmpty();
    assertThat(sample(sample).asksForReboot()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NV Power Mode: MAXN\n",
        "NV Power Mode: MAXN",
        "NV Power Mode: \n2\n",
        "NV Power Mode: MAXN\nno number\n",
        "NV Power Mode: MAXN\nNVPM ERROR: failed to read 3\n",
        "NV Power Mode: MAXN\n99999999999\n",
        "2\n",
      })
  void rejectsAnIncompleteAnswer(String text) {
    assertThat(new NvpmodelOutput(text).mode()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NV Power Mode: MAXN\n0",
        "NV Power Mode: MAXN\r\n0\r\n",
        "NV Power Mode: MAXN\nNVPM WARN: fan mode is not set!\n0\n",
        "\n\nNV Power Mode:MAXN \n 0 \n",
      })
  void acceptsMixedStreamsAndLineEnds(String text) {
    assertThat(new NvpmodelOutput(text).mode()).contains(new CurrentMode(0, "MAXN"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"7.5W", "50W(AI)", "7W AI", "15W", "MAXN_SUPER", "a-b+c/d", "Größe 2", "2"})
  void aNameIsAnyText(String name) {
    assertThat(new NvpmodelOutput("NV Power Mode: " + name + "\n4\n").mode())
        .contains(new CurrentMode(4, name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NV Power Mode: MAXN\n0\nNVPM ERROR: failed to read EMC\n",
        "NV Power Mode: MAXN\nNVPM ERROR: failed to read EMC\n0\n",
        "NV Power Mode: MAXN\nemc: Permission denied\n0\n",
        "NVPM ERROR: failed to read EMC\nNV Power Mode: MAXN\n0\n",
      })
  void anErrorAboutSomethingElseDoesNotHideTheMode(String text) {
    assertThat(new NvpmodelOutput(text).mode()).contains(new CurrentMode(0, "MAXN"));
  }

  @Test
  void aNameEndsWithItsLine() {
    assertThat(new NvpmodelOutput("NV Power Mode: MAXN\nno number\n").name()).contains("MAXN");
    assertThat(new NvpmodelOutput("NV Power Mode: MAX").name()).isEmpty();
    assertThat(new NvpmodelOutput("NV Power Mode: \n2\n").name()).isEmpty();
    assertThat(new NvpmodelOutput("MAXN\n2\n").name()).isEmpty();
  }

  @Test
  void noModeIsSet() {
    assertThat(sample("q.not-set").mode()).isEmpty();
    assertThat(sample("q.not-set").namesNone()).isTrue();
    assertThat(new NvpmodelOutput("").namesNone()).isFalse();
    assertThat(new NvpmodelOutput("Usage: nvpmodel [-q]\n").namesNone()).isFalse();
    assertThat(sample("q.thor").namesNone()).isFalse();
    assertThat(new NvpmodelOutput("NV Power Mode: MAXN\n").namesNone()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m.reboot-declined-orin",
        "m.reboot-no-stdin-thor",
        "m.reboot-same-line",
        "m.reboot-accepted",
      })
  void itAsksForAReboot(String sample) {
    assertThat(sample(sample).asksForReboot()).isTrue();
  }

  @Test
  void recognisesAQuestionWithoutALineEnd() {
    assertThat(new NvpmodelOutput("NVPM WARN: DO YOU WANT TO REBOOT NOW? enter").asksForReboot())
        .isTrue();
    assertThat(sample("m.reboot-same-line").errors())
        .containsExactly(
            "NVPM ERROR: bad input!", "NVPM ERROR: optMask is 1, no request for power mode");
  }

  @Test
  void errorsAreFound() {
    assertThat(sample("m.error-bad-id").errors())
        .containsExactly(
            "NVPM ERROR: bad request of target power mode 9!",
            "NVPM ERROR: failed to set power mode!");
    assertThat(sample("m.error-fbp-mask").errors()).hasSize(3);
    assertThat(sample("m.error-fbp-mask").asksForReboot()).isFalse();
    assertThat(
            new NvpmodelOutput("NVPM ERROR: optMask is 1, no request for power mode")
                .asksForReboot())
        .isFalse();
    assertThat(sample("m.success").errors()).isEqualTo(List.of());
  }
}
