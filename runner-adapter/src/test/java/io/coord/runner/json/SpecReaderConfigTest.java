package io.coord.runner.json;

import static io.coord.runner.json.SpecReading.config;
import static io.coord.runner.json.SpecReading.configText;
import static io.coord.runner.json.SpecReading.faults;
import static io.coord.runner.json.SpecReading.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.RequestField;
import io.coord.runner.Spec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecReaderConfigTest {
  private static final String FULL =
      """
      {
        "experiment_id": "amnesiac_001",
        "name": "Amnesia",
        "mode": "amnesiac_loop",
        "resource_constraints": {"ram_limit_gb": 1.5, "cpu_threads": 4, "gpu_layers": 0},
        "max_cycles": 20,
        "max_duration_seconds": 3600,
        "runner": ["python3", "runner.py"],
        "working_directory": "../work",
        "priority": 5,
        "nvpmodel_mode": 2,
        "max_temp_celsius": 70,
        "tags": ["memory", {"deep": [null, "\\u0000 \\ud800"]}]
      }
      """;

  @Test
  void readsAConfigAndKeepsItsTextAsGiven() {
    Spec spec = spec(config(FULL).toJson());

    assertThat(spec.id()).contains("amnesiac_001");
    assertThat(spec.name()).isEqualTo("Amnesia");
    assertThat(spec.task())
        .isEqualTo(
            new Spec.Config(
                FULL,
                Optional.of("amnesiac_001"),
                List.of("python3", "runner.py"),
                OptionalInt.of(20),
                OptionalInt.of(4)));
    assertThat(spec.resources().ramBytes()).hasValue(3L << 29);
    assertThat(spec.resources().cpuQuotaPercent()).hasValue(400);
    assertThat(spec.times().maxDuration()).contains(Duration.ofHours(1));
    assertThat(spec.priority()).isEqualTo(5);
    assertThat(spec.conditions())
        .isEqualTo(new Spec.Conditions(Optional.of("2"), OptionalInt.of(70_000)));
    assertThat(spec.workingDirectory()).isEqualTo(Path.of("/work"));
    assertThat(spec.environment()).isEmpty();
  }

  @Test
  void keepsTheNameThatTheRunnerKnowsItBy() {
    Spec spec = spec(config("{\"experiment_id\": \"no id!\"}").with(RequestField.ID, "b").toJson());

    assertThat(spec.id()).contains("b");
    assertThat(((Spec.Config) spec.task()).experimentId()).contains("no id!");
  }

  @Test
  void takesTheUsualRunnerAndTheCallersFolderIfTheConfigNamesNone() {
    Spec spec = spec(config("{\"experiment_id\": \"a\"}").toJson());

    assertThat(((Spec.Config) spec.task()).runner())
        .containsExactly("python3", "-m", "src.runner.experiment_runner");
    assertThat(spec.workingDirectory()).isEqualTo(Path.of("/work"));
    assertThat(spec.name()).isEqualTo("a");
    assertThat(spec.resources().cpuQuotaPercent()).isEmpty();
  }

  @Test
  void takesNullAndZeroAsNoEndAsTheRunnerDoes() {
    for (String value : List.of("null", "0")) {
      Spec spec =
          spec(
              config(
                      configText(
                          "\"max_cycles\": "
                              + value
                              + ", \"max_duration_seconds\": "
                              + value
                              + ", \"resource_constraints\": null"))
                  .toJson());

      assertThat(((Spec.Config) spec.task()).maxCycles()).isEmpty();
      assertThat(spec.times().maxDuration()).isEmpty();
    }
  }

  @Test
  void theRequestPrevailsOverAnInvalidConfig() {
    String faulty =
        """
        {"experiment_id": "a/b", "name": "", "priority": 9999, "max_duration_seconds": -1,
         "nvpmodel_mode": [], "max_temp_celsius": 700,
         "resource_constraints": {"ram_limit_gb": -2, "cpu_threads": 4}}
        """;

    Spec spec =
        spec(
            config(faulty)
                .with(RequestField.ID, "mine")
                .with(RequestField.NAME, "My name")
                .with(RequestField.PRIORITY, "-3")
                .with(RequestField.RAM, "512M")
                .with(RequestField.CPU, "80%")
                .with(RequestField.MAX_DURATION, "2h")
                .with(RequestField.NVPMODEL_MODE, "MAXN")
                .with(RequestField.MAX_TEMP_CELSIUS, "60.125")
                .toJson());

    assertThat(spec.id()).contains("mine");
    assertThat(spec.name()).isEqualTo("My name");
    assertThat(spec.priority()).isEqualTo(-3);
    assertThat(spec.resources().ramBytes()).hasValue(512L << 20);
    assertThat(spec.resources().cpuQuotaPercent()).hasValue(80);
    assertThat(((Spec.Config) spec.task()).cpuThreads()).hasValue(4);
    assertThat(spec.times().maxDuration()).contains(Duration.ofHours(2));
    assertThat(spec.conditions())
        .isEqualTo(new Spec.Conditions(Optional.of("MAXN"), OptionalInt.of(60_125)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"experiment_id\": \"x/y\" | experiment_id: 'x/y' is not an id",
        "\"experiment_id\": null | experiment_id: is missing; name the experiment in the config",
        "\"name\": [] | name: an array is not a name",
        "\"resource_constraints\": 3 | resource_constraints: the number '3' is not an object",
        "\"resource_constraints\": {\"ram_limit_gb\": -2} | resource_constraints.ram_limit_gb: '-2'"
            + " is out of range; use 0.015625 to 65536 (GiB)",
        "\"resource_constraints\": {\"ram_limit_gb\": 0} | resource_constraints.ram_limit_gb: '0'"
            + " is",
        "\"resource_constraints\": {\"ram_limit_gb\": 1e999999999} |"
            + " resource_constraints.ram_limit_gb: '1E+999999999' is out of range",
        "\"resource_constraints\": {\"ram_limit_gb\": 1e-999999999} |"
            + " resource_constraints.ram_limit_gb: '1E-999999999' is out of range",
        "\"resource_constraints\": {\"ram_limit_gb\": \"2G\"} | resource_constraints.ram_limit_gb:"
            + " '2G' is not a number",
        "\"resource_constraints\": {\"cpu_threads\": -1} | resource_constraints.cpu_threads: '-1'"
            + " is out of range; use 1 to 1000",
        "\"resource_constraints\": {\"cpu_threads\": 1.5} | resource_constraints.cpu_threads: the"
            + " number '1.5' is not a whole number",
        "\"max_cycles\": -1 | max_cycles: '-1' is out of range; use 0 to 999999999",
        "\"max_cycles\": \"20\" | max_cycles: '20' is not a whole number",
        "\"max_duration_seconds\": -5 | max_duration_seconds: '-5' is out of range; use 0s to 365d",
        "\"max_duration_seconds\": \"1h\" | max_duration_seconds: '1h' is not a number of seconds",
        "\"runner\": [] | runner: is empty; name at least the program",
        "\"runner\": \"python3\" | runner: 'python3' is not an array of texts",
        "\"runner\": [\"a\\u0000\"] | runner[0]: 'a\\u0000' has a NUL character",
        "\"runner\": [\"a\", \"\\udfff\"] | runner[1]: '\\udfff' has half of a surrogate pair",
        "\"working_directory\": \"\" | working_directory: is empty; use a path",
        "\"working_directory\": \"a\\u0000\" | working_directory: 'a\\u0000' has a NUL character",
        "\"nvpmodel_mode\": [] | nvpmodel_mode: an array is not a power mode",
        "\"max_temp_celsius\": 700 | max_temp_celsius: '700' is out of range; use 30 to 125",
        "\"priority\": 1e3 | priority: the number '1E+3' is not a whole number",
      })
  void refusesBadValues(String field, String fault) {
    String id = field.contains("experiment_id") ? "" : "\"experiment_id\": \"a\", ";

    assertThat(faults(config("{" + id + field + "}").toJson()))
        .singleElement()
        .asString()
        .startsWith(fault);
  }

  @Test
  void reportsTheErrorsOfConfigAndRequestTogether() {
    assertThat(
            faults(
                config("{\"max_cycles\": -1, \"resource_constraints\": {\"ram_limit_gb\": -1}}")
                    .with(RequestField.CPU, "fast")
                    .with(RequestField.WATCHDOG, "0")
                    .toJson()))
        .extracting(fault -> fault.substring(0, fault.indexOf(':')))
        .containsExactlyInAnyOrder(
            "experiment_id", "max_cycles", "resource_constraints.ram_limit_gb", "cpu", "watchdog");
  }

  @Test
  void saysWhereTheFileIsNotJson() {
    assertThat(
            faults(
                config("{\n  \"experiment_id\": \"a\"\n  \"mode\": 1}")
                    .with(RequestField.RAM, "x")
                    .toJson()))
        .hasSize(2)
        .last()
        .asString()
        .startsWith("config: '/configs/a.json' is not JSON: line 3, column ");
    assertThat(faults(config("").toJson()))
        .containsExactly("config: '/configs/a.json' is empty; use a JSON object");
    assertThat(faults(config("[1]").toJson()))
        .containsExactly("config: '/configs/a.json' is not a JSON object; use { … }");
  }

  @Test
  void refusesAFieldGivenTwiceAnywhereInTheFile() {
    assertThat(
            faults(
                config(configText("\"x\": {\"y\": [{\"z\": 1,\n \"z\": 2}]}, \"mode\": \"n\""))
                    .toJson()))
        .satisfiesExactly(
            fault -> assertThat(fault).startsWith("x.y[0].z: is given twice, again at line 2, c"),
            fault -> assertThat(fault).startsWith("mode: is given twice, again at line 2, column"));
  }

  @Test
  void refusesTextThatCannotBeWrittenAsGiven() {
    assertThat(faults(config(configText("\"x\": \"\ud800\"")).toJson()))
        .singleElement()
        .asString()
        .startsWith("config: ")
        .endsWith("has half of a surrogate pair, which is not a character");
  }

  @Test
  void needsConfigPathForARelativeWorkingDirectory() {
    String text = configText("\"working_directory\": \"..\"").replace("\"", "\\\"");

    assertThat(faults("{\"config\": \"" + text + "\", \"working_directory\": \"/work\"}"))
        .containsExactly(
            "working_directory: '..' is relative to the config's folder; use an absolute path or"
                + " give config_path");
  }

  @Test
  void needsNoCallersFolderIfTheConfigNamesItsOwn() {
    String text = configText("\"working_directory\": \"/opt/jar\"").replace("\"", "\\\"");

    assertThat(spec("{\"config\": \"" + text + "\"}").workingDirectory())
        .isEqualTo(Path.of("/opt/jar"));
  }
}
