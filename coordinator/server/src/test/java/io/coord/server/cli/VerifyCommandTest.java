package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coord.server.api.Caller;
import io.coord.server.api.ExitCodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code verify}, as people and scripts see it. */
class VerifyCommandTest extends CommandLines {

  @Test
  void endsWithZeroIfThereIsNoFault() {
    inspection.clockSynchronized = false;
    assertThat(coord(120, new Caller("ada", false), "verify")).isZero();
    assertThat(heard.text.toString())
        .contains(
            "✓ unit brain.slice: loaded, static, /usr/lib/systemd/system/brain.slice (expected:")
        .contains("✓ coordinator-memory: 512M\n")
        .contains("! clock: ")
        .contains("\n  → enable systemd-timesyncd, unless another program sets the clock")
        .endsWith("21 checks: 20 ✓, 1 !, 0 ✗\n");
  }

  @Test
  void endsWithOneIfThereIsAFault() throws IOException {
    inspection.rights = Optional.of("cannot control unit 'brain.slice': access denied");
    assertThat(coord("verify")).isEqualTo(ExitCodes.FAILED);
    assertThat(heard.text.toString()).contains("✗ bus-rights: cannot control unit");

    assertThat(coord("verify", "--json")).isEqualTo(ExitCodes.FAILED);
    JsonNode json = new ObjectMapper().readTree(heard.text.toString());
    assertThat(json.path("fault").asBoolean()).isTrue();
    List<String> keys = new ArrayList<>();
    json.path("facts").path(0).fieldNames().forEachRemaining(keys::add);
    assertThat(keys).containsExactly("name", "severity", "measured", "wanted", "remedy");
    assertThat(json.path("facts").findValuesAsText("severity")).containsOnlyOnce("fault");
    assertThat(json.path("facts").path(0).path("remedy").isNull()).isTrue();
  }

  @Test
  void comparesWithWhatEachExperimentHasAskedFor() {
    assertThat(coord("enqueue", "--id", "x", "--ram", "2G", "--", "true")).isZero();
    assertThat(coord("verify")).isZero();
    assertThat(inspection.running)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.asked().id()).isEqualTo("x");
              assertThat(one.asked().memoryBytes()).isEqualTo(2 * GIB);
              assertThat(one.asked().cpuPercent()).hasValue(80);
            });
    assertThat(heard.text.toString()).contains("✓ experiment-limits: 1 of 1 as requested");
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 80, 120})
  void fitsTheTerminal(int columns) {
    coord(columns, new Caller("ada", true), "verify");
    // A path has no place to be cut at.
    assertThat(heard.text.toString().lines().filter(line -> !line.contains("/")))
        .isNotEmpty()
        .allSatisfy(
            line -> assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(columns));
  }
}
