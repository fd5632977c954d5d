package io.coord.runner.json;

import static io.coord.runner.json.SpecReading.faults;
import static io.coord.runner.json.SpecReading.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.runner.ParsedRequest;
import io.coord.runner.RequestDefaults;
import io.coord.runner.RequestField;
import io.coord.runner.ResourceLimits;
import io.coord.runner.RestartPolicy;
import io.coord.runner.Spec;
import io.coord.runner.SuccessCriteria;
import io.coord.runner.TimeLimits;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestsTest {
  @Test
  void writesWhatTheReaderReads() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("Z", "quote \" dollar $ percent % backslash \\ line\nend ü🧠");
    environment.put("A", "");

    String request =
        Requests.forCommand(List.of("python3", "-c", "print('\"\\\n$%ü🧠')"))
            .with(RequestField.ID, "a")
            .with(RequestField.NAME, "b")
            .with(RequestField.WORKING_DIRECTORY, "/c")
            .withEnvironment(environment)
            .with(RequestField.PRIORITY, "-5")
            .with(RequestField.RAM, "1.5G")
            .with(RequestField.CPU, "250%")
            .with(RequestField.MAX_CRASHES, "7")
            .with(RequestField.RESTART_DELAY, "1s")
            .with(RequestField.RESTART_INTERVAL, "2s")
            .with(RequestField.STOP_TIMEOUT, "3s")
            .with(RequestField.MAX_DURATION, "4s")
            .with(RequestField.WATCHDOG, "5s")
            .with(RequestField.SUCCESS_FILE, "d")
            .withAll(RequestField.SUCCESS_CODES, List.of("3", "0"))
            .withAll(RequestField.SUCCESS_COMMAND, List.of("./check", "--strict", ""))
            .with(RequestField.NVPMODEL_MODE, "2")
            .with(RequestField.MAX_TEMP_CELSIUS, "72.50")
            .toJson();

    Spec spec = spec(request);
    assertThat(spec)
        .isEqualTo(
            new Spec(
                Optional.of("a"),
                "b",
                new Spec.Launch(
                    new Spec.Command(List.of("python3", "-c", "print('\"\\\n$%ü🧠')")),
                    Path.of("/c"),
                    environment),
                new ResourceLimits(OptionalLong.of(3L << 29), OptionalInt.of(250)),
                new TimeLimits(
                    Optional.of(Duration.ofSeconds(3)),
                    Optional.of(Duration.ofSeconds(4)),
                    Optional.of(Duration.ofSeconds(5)),
                    Optional.empty()),
                new RestartPolicy(
                    OptionalInt.of(7),
                    Optional.of(Duration.ofSeconds(1)),
                    Optional.empty(),
                    Optional.of(Duration.ofSeconds(2))),
                new SuccessCriteria(
                    List.of(3, 0), Optional.of(Path.of("d")), List.of("./check", "--strict", "")),
                new Spec.Scheduling(
                    -5,
                    Spec.Ordering.NONE,
                    new Spec.Conditions(Optional.of("2"), OptionalInt.of(72_500)))));
    assertThat(spec.environment().keySet()).containsExactly("Z", "A");
  }

  @Test
  void carriesAConfigVerbatim() {
    String text = "\t{\"experiment_id\":\r\n \"a\", \"x\": \"\\u00fc ü 🧠\"}\n\n";

    Spec spec = spec(SpecReading.config(text).toJson());

    assertThat(((Spec.Config) spec.task()).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "false, false", "yes,", "1,"})
  void aFlagIsTrueOrFalse(String given, @Nullable Boolean meant) {
    Validated<Spec> read =
        new SpecReader()
            .read(
                Requests.forCommand(List.of("a"))
                    .with(RequestField.WORKING_DIRECTORY, "/")
                    .with(RequestField.ALLOW_CHILD_OOM, given)
                    .toJson());
    if (meant == null) {
      assertThat(((Validated.Invalid<Spec>) read).errors().toString())
          .contains("allow_child_oom", "true or false");
    } else {
      assertThat(((Validated.Valid<Spec>) read).value().success().childOomAllowed())
          .isEqualTo(meant);
    }
  }

  @Test
  void leavesOutWhatIsNull() {
    assertThat(
            Requests.forCommand(List.of("a"))
                .with(RequestField.RAM, null)
                .withAll(RequestField.SUCCESS_CODES, List.of())
                .toJson())
        .isEqualTo("{\"command\":[\"a\"]}");
  }

  private static Validated<ParsedRequest> read(
      String request, Map<RequestField<?>, String> defaults) {
    return new SpecReader().readFor("x", request, id -> new Validated.Valid<>(defaults));
  }

  private static ParsedRequest valid(Validated<ParsedRequest> read) {
    assertThat(read).isInstanceOf(Validated.Valid.class);
    return ((Validated.Valid<ParsedRequest>) read).value();
  }

  @Test
  void completesARequestWithTheDefaultsForItsId() {
    String request =
        "{\"command\": [\"a\"], \"working_directory\": \"/\", \"ram\": \"1G\", \"cpu\": null,"
            + " \"restart_delay\": 1.50, \"name\": \"\\u00fc\"}";

    ParsedRequest completed =
        valid(
            read(
                request,
                Map.of(
                    RequestField.RAM, "2G",
                    RequestField.CPU, "80%",
                    RequestField.MAX_TEMP_CELSIUS, "72.5")));

    assertThat(completed.text())
        .contains("\"command\":[\"a\"]", "\"ram\":\"1G\"", "\"cpu\":\"80%\"")
        .contains("\"max_temp_celsius\":72.5", "\"restart_delay\":1.5", "\"name\":\"ü\"")
        .doesNotContain("2G", "null");
    assertThat(completed.spec()).isEqualTo(spec(completed.text()));
    assertThat(completed.spec().resources().cpuQuotaPercent()).hasValue(80);
    assertThat(valid(read(request, Map.of(RequestField.RAM, "2G"))).text()).isEqualTo(request);
  }

  @Test
  void aDefaultPrevailsOverAConfig() {
    String request =
        SpecReading.config(
                SpecReading.configText("\"resource_constraints\": {\"ram_limit_gb\": 1}"))
            .toJson();

    ParsedRequest completed = valid(read(request, Map.of(RequestField.RAM, "2G")));

    assertThat(completed.spec().resources().ramBytes()).hasValue(2L << 30);
    assertThat(completed.spec()).isEqualTo(spec(completed.text()));
  }

  @Test
  void asksForDefaultsOfAValidRequestOnly() {
    RequestDefaults failing =
        id -> {
          throw new AssertionError("asked for " + id);
        };

    assertThat(new SpecReader().read("{\"id\": \"a\"}", failing))
        .isInstanceOf(Validated.Invalid.class);
    assertThat(new SpecReader().read(SpecReading.command(""), failing))
        .isInstanceOf(Validated.Valid.class);
  }

  @Test
  void refusesARequestWhoseDefaultsAreInvalid() {
    ValidationError error = new ValidationError("/etc/a.env:2", "wrong");

    assertThat(
            new SpecReader()
                .read(
                    SpecReading.command("\"id\": \"a\""),
                    id -> new Validated.Invalid<>(List.of(error))))
        .isEqualTo(new Validated.Invalid<>(List.of(error)));
  }

  @Test
  void leavesTheCheckingToTheReader() {
    Requests requests =
        Requests.forCommand(List.of("a"))
            .with(RequestField.WORKING_DIRECTORY, "/c")
            .with(RequestField.PRIORITY, "high")
            .with(RequestField.MAX_CRASHES, "99999999999999999999")
            .with(RequestField.MAX_TEMP_CELSIUS, "72,5")
            .withAll(RequestField.SUCCESS_CODES, List.of("3", "SIGTERM"));

    assertThat(faults(requests.toJson()))
        .containsExactly(
            "priority: 'high' is not a whole number; use -1000 to 1000",
            "max_crashes: '99999999999999999999' is not a whole number; use 0 to 1000000",
            "success_codes[1]: 'SIGTERM' is not a whole number; use 0 to 255",
            "max_temp_celsius: '72,5' is not a temperature; use 30 to 125 (°C), at most 3"
                + " decimals");
  }

  @Test
  void putsNoSingleTextWhereMoreBelongs() {
    assertThatThrownBy(() -> Requests.forCommand(List.of("a")).with(RequestField.COMMAND, "b"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
