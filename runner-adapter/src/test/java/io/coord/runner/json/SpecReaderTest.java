package io.coord.runner.json;

import static io.coord.runner.json.SpecReading.command;
import static io.coord.runner.json.SpecReading.faults;
import static io.coord.runner.json.SpecReading.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.RequestField;
import io.coord.runner.Spec;
import io.coord.runner.ValidationErrors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecReaderTest {
  @Test
  void readsEveryFieldOfACommand() {
    Spec spec =
        spec(
            """
            {"id": "warmup", "name": "Warm up", "command": ["python3", "train.py", "--lr", "3"],
             "working_directory": "/work/./x/..", "environment": {"B": "2", "A": "1"},
             "priority": -7, "ram": "512M", "cpu": "80%", "max_crashes": 3, "restart_delay": "5s",
             "restart_interval": "5min", "stop_timeout": "30s", "max_duration": "1h30min",
             "watchdog": "2min", "success_file": "out/model.pt", "success_codes": [3, 255, 3],
             "success_command": ["./check.sh", "--strict", ""],
             "nvpmodel_mode": "MODE_15W", "max_temp_celsius": 72.5}
            """);

    assertThat(spec.id()).contains("warmup");
    assertThat(spec.name()).isEqualTo("Warm up");
    assertThat(spec.task())
        .isEqualTo(new Spec.Command(List.of("python3", "train.py", "--lr", "3")));
    assertThat(spec.workingDirectory()).isEqualTo(Path.of("/work"));
    assertThat(spec.environment().entrySet())
        .extracting(Object::toString)
        .containsExactly("B=2", "A=1");
    assertThat(spec.priority()).isEqualTo(-7);
    assertThat(spec.resources().ramBytes()).hasValue(512L << 20);
    assertThat(spec.resources().cpuQuotaPercent()).hasValue(80);
    assertThat(spec.restart().maxCrashes()).hasValue(3);
    assertThat(spec.restart().delay()).contains(Duration.ofSeconds(5));
    assertThat(spec.restart().interval()).contains(Duration.ofMinutes(5));
    assertThat(spec.times().stopTimeout()).contains(Duration.ofSeconds(30));
    assertThat(spec.times().maxDuration()).contains(Duration.ofMinutes(90));
    assertThat(spec.times().watchdog()).contains(Duration.ofMinutes(2));
    assertThat(spec.success().file()).contains(Path.of("out/model.pt"));
    assertThat(spec.success().codes()).containsExactly(3, 255);
    assertThat(spec.success().command()).containsExactly("./check.sh", "--strict", "");
    assertThat(spec.conditions())
        .isEqualTo(new Spec.Conditions(Optional.of("MODE_15W"), OptionalInt.of(72_500)));
  }

  @Test
  void leavesOutWhatIsNotGivenOrNull() {
    for (String fields : List.of("", "\"id\": null, \"ram\": null, \"environment\": null")) {
      Spec spec = spec(command(fields));

      assertThat(spec.id()).isEmpty();
      assertThat(spec.name()).isEqualTo("true");
      assertThat(spec.environment()).isEmpty();
      assertThat(spec.priority()).isZero();
      assertThat(spec.resources().ramBytes()).isEmpty();
      assertThat(spec.resources().cpuQuotaPercent()).isEmpty();
      assertThat(spec.restart().maxCrashes()).isEmpty();
      assertThat(spec.restart().delay()).isEmpty();
      assertThat(spec.times().maxDuration()).isEmpty();
      assertThat(spec.times().watchdog()).isEmpty();
      assertThat(spec.success().file()).isEmpty();
      assertThat(spec.success().codes()).isEmpty();
      assertThat(spec.success().command()).isEmpty();
      assertThat(spec.conditions()).isEqualTo(Spec.Conditions.NONE);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"priority\": 1000",
        "\"priority\": -1000",
        "\"ram\": \"16M\"",
        "\"ram\": 16777216",
        "\"ram\": \"64T\"",
        "\"cpu\": \"1%\"",
        "\"cpu\": \"100000%\"",
        "\"max_crashes\": 0",
        "\"max_crashes\": 1000000",
        "\"restart_delay\": \"0\"",
        "\"restart_delay\": 0",
        "\"restart_delay\": 0.1",
        "\"restart_delay\": \"100ms\"",
        "\"restart_interval\": \"30d\"",
        "\"stop_timeout\": \"10min\"",
        "\"max_duration\": 300",
        "\"max_duration\": \"365d\"",
        "\"watchdog\": \"1s\"",
        "\"success_file\": \"/tmp/x\"",
        "\"success_codes\": []",
        "\"success_command\": [\"test\", \"-s\", \"$x;%n\"], \"stop_timeout\": \"3s\"",
        "\"success_codes\": [0, 255]",
        "\"nvpmodel_mode\": 0",
        "\"nvpmodel_mode\": \"7.5W\"",
        "\"nvpmodel_mode\": \"50W(AI)\"",
        "\"nvpmodel_mode\": \"7W AI\"",
        "\"max_temp_celsius\": 30",
        "\"max_temp_celsius\": 1.25e2",
        "\"max_temp_celsius\": 72.12300",
        "\"name\": \"Zeit & Raum 🧠\"",
        "\"environment\": {\"_a1\": \"\", \"PATH\": \"/bin\"}",
      })
  void takesGoodValues(String field) {
    assertThat(spec(command(field)).task()).isEqualTo(new Spec.Command(List.of("true")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"id\": \"a/b\" | id: 'a/b' is not an id; use 1 to 64 letters",
        "\"id\": \"a%b\" | id: 'a%b' is not an id",
        "\"id\": \"a@b\" | id: 'a@b' is not an id",
        "\"id\": \"a\\nb\" | id: 'a\\nb' is not an id",
        "\"id\": \"a\\n\" | id: 'a\\n' is not an id",
        "\"id\": \"..\" | id: '..' is not an id",
        "\"id\": \"\" | id: '' is not an id",
        "\"id\": 7 | id: the number '7' is not an id",
        "\"id\": [\"a\"] | id: an array is not an id",
        "\"name\": \"\" | name: '' is not a name; use one line of at most 200 characters",
        "\"name\": \"a\\nb\" | name: 'a\\nb' is not a name",
        "\"name\": \"\\u001b[2J\" | name: '\\u001b[2J' is not a name",
        "\"name\": true | name: the boolean 'true' is not a name",
        "\"working_directory\": \"x\" | working_directory: is given twice, again at line 1, column"
            + " 53",
        "\"environment\": [] | environment: an array is not an object",
        "\"environment\": {\"A B\": \"x\"} | environment.A B: is not a variable's name",
        "\"environment\": {\"1A\": \"x\"} | environment.1A: is not a variable's name",
        "\"environment\": {\"A=\": \"x\"} | environment.A=: is not a variable's name",
        "\"environment\": {\"A\\nB\": \"x\"} | environment.A\\nB: is not a variable's name",
        "\"environment\": {\"\": \"x\"} | environment.: is not a variable's name",
        "\"environment\": {\"A\": 1} | environment.A: its value is not a text",
        "\"environment\": {\"A\": null} | environment.A: its value is not a text",
        "\"environment\": {\"A\": \"x\\u0000\"} | environment.A: its value has a NUL character",
        "\"environment\": {\"A\": \"\\ud800\"} | environment.A: its value has half of a surrogate"
            + " pair",
        "\"environment\": {\"A\": \"1\", \"A\": \"2\"} | environment.A: is given twice",
        "\"priority\": 1001 | priority: '1001' is out of range; use -1000 to 1000",
        "\"priority\": -1001 | priority: '-1001' is out of range",
        "\"priority\": 99999999999999999999 | priority: '99999999999999999999' is out of range",
        "\"priority\": 1.5 | priority: the number '1.5' is not a whole number",
        "\"priority\": \"high\" | priority: 'high' is not a whole number; use -1000 to 1000",
        "\"priority\": \"5\" | priority: '5' is not a whole number",
        "\"ram\": \"12X\" | ram: '12X' is not a size; use 16M to 64T, written like 512M, 1.5G or",
        "\"ram\": \"512MB\" | ram: '512MB' is not a size",
        "\"ram\": \"-512M\" | ram: '-512M' is not a size",
        "\"ram\": \"\" | ram: '' is not a size",
        "\"ram\": \"15M\" | ram: '15M' is out of range; use 16M to 64T",
        "\"ram\": \"65T\" | ram: '65T' is out of range",
        "\"ram\": -1 | ram: the number '-1' is not a size",
        "\"ram\": 1e9 | ram: the number '1E+9' is not a size",
        "\"ram\": {} | ram: an object is not a size",
        "\"cpu\": \"0%\" | cpu: '0%' is out of range; use 1% to 100000%, for example 80%",
        "\"cpu\": \"100001%\" | cpu: '100001%' is out of range",
        "\"cpu\": \"80\" | cpu: '80' is not a percentage; use 1% to 100000%",
        "\"cpu\": 80 | cpu: the number '80' is not a percentage",
        "\"cpu\": \"2 cores\" | cpu: '2 cores' is not a percentage",
        "\"cpu\": \"80.5%\" | cpu: '80.5%' is not a percentage",
        "\"max_crashes\": -1 | max_crashes: '-1' is out of range; use 0 to 1000000",
        "\"max_crashes\": 1000001 | max_crashes: '1000001' is out of range",
        "\"restart_delay\": \"soon\" | restart_delay: 'soon' is not a duration; use 0s to 1d,"
            + " written",
        "\"restart_delay\": \"-1s\" | restart_delay: '-1s' is not a duration",
        "\"restart_delay\": -1 | restart_delay: '-1' is out of range; use 0s to 1d",
        "\"restart_delay\": -1e-400000 | restart_delay: '-1E-400000' is out of range",
        "\"restart_delay\": 1e999999999 | restart_delay: '1E+999999999' is out of range",
        "\"restart_delay\": \"25h\" | restart_delay: '25h' is out of range",
        "\"restart_delay\": true | restart_delay: the boolean 'true' is not a duration",
        "\"restart_interval\": \"0\" | restart_interval: '0' is out of range; use 1s to 30d",
        "\"stop_timeout\": \"0\" | stop_timeout: '0' is out of range; use 100ms to 10min",
        "\"stop_timeout\": \"11min\" | stop_timeout: '11min' is out of range",
        "\"max_duration\": \"infinity\" | max_duration: 'infinity' is not a duration",
        "\"max_duration\": \"0\" | max_duration: '0' is out of range; use 1s to 365d",
        "\"watchdog\": \"500ms\" | watchdog: '500ms' is out of range; use 1s to 1d",
        "\"success_file\": \"\" | success_file: is empty; use a path",
        "\"success_file\": \"a\\u0000b\" | success_file: 'a\\u0000b' has a NUL character",
        "\"success_codes\": 3 | success_codes: the number '3' is not an array of whole numbers; use"
            + " [0",
        "\"success_codes\": [256] | success_codes[0]: '256' is out of range; use 0 to 255",
        "\"success_codes\": [3, -1] | success_codes[1]: '-1' is out of range",
        "\"success_codes\": [\"3\"] | success_codes[0]: '3' is not a whole number",
        "\"success_command\": \"test -s x\" | success_command: 'test -s x' is not an array of"
            + " texts; use [",
        "\"success_command\": [] | success_command: is empty; name at least the program",
        "\"success_command\": [\"\"] | success_command[0]: is empty; name the program",
        "\"success_command\": [\"a\", 3] | success_command[1]: the number '3' is not a text",
        "\"success_command\": [\"a\\u0000\"] | success_command[0]: 'a\\u0000' has a NUL character",
        "\"success_command\": [\"a\"], \"stop_timeout\": \"2s\" | success_command: takes part of"
            + " the stop_timeout, which is too short for it; use at least 3s there",
        "\"nvpmodel_mode\": \"\" | nvpmodel_mode: '' is not a power mode; use its id or its name: 1"
            + " to 200 printable characters",
        "\"nvpmodel_mode\": \"  \" | nvpmodel_mode: '  ' is not a power mode",
        "\"nvpmodel_mode\": \"15W\\n\" | nvpmodel_mode: '15W\\n' is not a power mode",
        "\"nvpmodel_mode\": -1 | nvpmodel_mode: the number '-1' is not a power mode",
        "\"nvpmodel_mode\": 1.5 | nvpmodel_mode: the number '1.5' is not a power mode",
        "\"nvpmodel_mode\": true | nvpmodel_mode: the boolean 'true' is not a power mode",
        "\"max_temp_celsius\": 29.999 | max_temp_celsius: '29.999' is out of range; use 30 to 125"
            + " (°C), at most 3 decimals",
        "\"max_temp_celsius\": 125.001 | max_temp_celsius: '125.001' is out of range",
        "\"max_temp_celsius\": 1e999999999 | max_temp_celsius: '1E+999999999' is out of range",
        "\"max_temp_celsius\": 1e-400000 | max_temp_celsius: '1E-400000' is out of range",
        "\"max_temp_celsius\": 72.1234 | max_temp_celsius: the number '72.1234' is not a"
            + " temperature",
        "\"max_temp_celsius\": \"72\" | max_temp_celsius: '72' is not a temperature",
        "\"success_file\": 3 | success_file: the number '3' is not a path",
        "\"config\": \"{}\" | command: is given next to a config; give one of the two",
        "\"config_path\": \"/a\" | config_path: is given without a config; give both",
        "\"config_path\": \"a\" | config_path: 'a' is not absolute; use a path from /",
      })
  void refusesBadValues(String field, String fault) {
    assertThat(faults(command(field))).anySatisfy(each -> assertThat(each).startsWith(fault));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | command: is empty; name at least the program",
        "[\"\"] | command[0]: is empty; name the program",
        "[1] | command[0]: the number '1' is not a text",
        "[\"a\", null] | command[1]: 'null' is not a text",
        "[\"a\", [\"b\"]] | command[1]: an array is not a text",
        "[\"a\", \"b\\u0000\"] | command[1]: 'b\\u0000' has a NUL character",
        "[\"a\", \"\\udc00\"] | command[1]: '\\udc00' has half of a surrogate pair",
        "\"python3 train.py\" | command: 'python3 train.py' is not an array of texts; use [\"pr",
        "{} | command: an object is not an array of texts",
        "null | command: is missing; give a command or a config",
      })
  void refusesWhatIsNoArgumentVector(String command, String fault) {
    assertThat(faults("{\"command\": " + command + ", \"working_directory\": \"/work\"}"))
        .singleElement()
        .asString()
        .startsWith(fault);
  }

  @Test
  void takesArgumentsExactlyAsTheyAre() {
    List<String> argv =
        List.of(
            "sh", "", " ", "\"'`", "$HOME ${X:-1} %i %%", "\\n\\", "a\nb\r\t\u0001", "ü🧠\u2028");

    Spec spec =
        spec(Requests.forCommand(argv).with(RequestField.WORKING_DIRECTORY, "/work").toJson());

    assertThat(spec.task()).isEqualTo(new Spec.Command(argv));
  }

  @Test
  void takesArgumentsUpToTheKernelsLimits() {
    String longest = "a".repeat(ProcessFields.MAX_ARGUMENT_BYTES - 1 - 5);
    assertThat(spec(commandOf(List.of("true", longest))).task())
        .isEqualTo(new Spec.Command(List.of("true", longest)));

    assertThat(faults(commandOf(List.of("true", longest + "a"))))
        .containsExactly("command: has 131073 bytes in all; use at most 131072 or a file");
    assertThat(faults(commandOf(List.of("true", "ü".repeat(70_000)))))
        .singleElement()
        .asString()
        .startsWith("command[1]: 'üüü")
        .endsWith("has 140000 bytes; the kernel takes at most 131071");
    assertThat(faults(commandOf(IntStream.range(0, 4097).mapToObj(i -> "a").toList())))
        .containsExactly("command: has 4097 arguments; use at most 4096");
  }

  @Test
  void takesVariablesUpToItsLimits() {
    assertThat(faults(command(environment(513, ""))))
        .containsExactly("environment: has 513 variables; use at most 512");
    assertThat(faults(command(environment(512, "x".repeat(300)))))
        .singleElement()
        .asString()
        .matches("environment: has \\d{6} bytes in all; use at most 131072");
    assertThat(spec(command(environment(512, "x".repeat(200)))).environment()).hasSize(512);
  }

  @Test
  void reportsAllErrorsTogether() {
    String request =
        """
        {"id": "a/b", "name": "", "command": ["", 3], "working_directory": "here",
         "environment": {"A-B": "x", "C": 1}, "priority": 5000, "ram": "1M", "cpu": "many",
         "max_crashes": -1, "restart_delay": "soon", "restart_interval": 0, "stop_timeout": "1d",
         "max_duration": false, "watchdog": [], "success_file": "", "prioritty": 1, "no_such_field": 1}
        """;

    assertThat(faults(request))
        .extracting(fault -> fault.substring(0, fault.indexOf(':')))
        .containsExactlyInAnyOrder(
            "id",
            "name",
            "command[0]",
            "command[1]",
            "working_directory",
            "environment.A-B",
            "environment.C",
            "priority",
            "ram",
            "cpu",
            "max_crashes",
            "restart_delay",
            "restart_interval",
            "stop_timeout",
            "max_duration",
            "watchdog",
            "success_file",
            "prioritty",
            "no_such_field");
  }

  @Test
  void namesTheFieldThatWasMeant() {
    assertThat(faults(command("\"prioritty\": 1")))
        .containsExactly("prioritty: is not a field of a request; did you mean 'priority'?");
    assertThat(faults(command("\"max-crashes\": 1")))
        .containsExactly("max-crashes: is not a field of a request; did you mean 'max_crashes'?");
    assertThat(faults(command("\"RAM\": \"1G\"")))
        .containsExactly("RAM: is not a field of a request; did you mean 'ram'?");
    assertThat(faults(command("\"colour\": 1")))
        .singleElement()
        .asString()
        .startsWith("colour: is not a field of a request; use id, name, command, config,");
  }

  @Test
  void saysWhatIsMissing() {
    assertThat(faults("{}"))
        .containsExactly(
            "command: is missing; give a command or a config",
            "working_directory: is missing; give the absolute path of a folder");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | request: the request is empty; use a JSON object",
        "` ` | request: the request is empty",
        "hello | request: the request is not JSON: line 1, column",
        "[] | request: the request is not a JSON object; use { … }",
        "null | request: the request is not a JSON object",
        "3 | request: the request is not a JSON object",
        "{} {} | request: the request goes on after its end: line 1, column 4",
        "{} x | request: the request is not JSON: line 1, column",
        "{\"id\": | request: the request is not JSON: line 1, column",
        "{\"id\": NaN} | request: the request is not JSON: line 1, column",
        "{'id': 1} | request: the request is not JSON: line 1, column",
        "{\"id\": 01} | request: the request is not JSON: line 1, column",
        "{\"id\": \"\\x\"} | request: the request is not JSON: line 1, column",
        "{\"id\": 1e99999999999} | id: '1e99999999999' is out of any range",
      })
  void refusesWhatIsNotOneJsonObject(String text, String fault) {
    assertThat(faults(text)).singleElement().asString().startsWith(fault);
  }

  @Test
  void saysInWhichLineAndColumnTheTextEndsToBeJson() {
    assertThat(faults("{\n  \"id\": \"a\",\n  \"ram\" \"1G\"\n}"))
        .singleElement()
        .asString()
        .startsWith("request: the request is not JSON: line 3, column 9: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":", "{\"command\": [["})
  void refusesDeepNestingWithoutDescending(String open) {
    String deep = "{\"command\": " + open.repeat(50_000);

    assertThat(faults(deep)).singleElement().asString().contains("nesting depth");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[[", "{\"a\": tru}", "{\"a\": \"\\q\"}", "{\"a\": [1, 2", "{\"a\": 01}"})
  void namesNoPartOfTheLibraryThatReadsJson(String wrong) {
    String longNumber = "{\"priority\": " + "9".repeat(2000) + "}";
    String deep = "{\"command\": " + "[".repeat(200);

    for (String text : List.of(wrong, longNumber, deep)) {
      assertThat(faults(text))
          .singleElement()
          .asString()
          .doesNotContain("`", "Source", "Constraints", "Feature", "com.fasterxml");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+999999999-12-31T23:59:59Z",
        "-999999999-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z"
      })
  void refusesTimesThatAreOutOfReach(String time) {
    assertThat(faults(command("\"not_before\": \"" + time + "\"")))
        .singleElement()
        .asString()
        .startsWith("not_before: '" + time + "' is out of range; use the years 1970 to 9999");
  }

  @Test
  void countsTheIdsOfATooLongList() {
    String ids = "\"a\", ".repeat(256) + "\"b\"";

    assertThat(faults(command("\"after\": [" + ids + "]")))
        .containsExactly("after: has 257 ids; use at most 256");
  }

  @Test
  void refusesFiftyMegabytesAtOnce() {
    String huge = "[".repeat(50 << 20);

    // Its nesting would be refused, too, by whoever had read it.
    assertThat(faults(huge))
        .containsExactly("request: has 52428800 characters; the limit is 1048576 bytes");
  }

  @Test
  void countsTheRequestsSizeInBytes() {
    String atLimit = command("\"name\": 1");
    atLimit += " ".repeat(SpecReader.MAX_REQUEST_BYTES - atLimit.length());

    assertThat(faults(atLimit)).singleElement().asString().startsWith("name: ");
    assertThat(faults(atLimit + " ")).singleElement().asString().startsWith("request: ");
    assertThat(faults("ü".repeat(600_000)))
        .containsExactly("request: has 600000 characters; the limit is 1048576 bytes");
  }

  @Test
  void boundsTheNumberOfErrors() {
    String fields =
        IntStream.range(0, 50_000)
            .mapToObj(i -> "\"x" + i + "\": 1")
            .collect(Collectors.joining(","));

    List<String> faults = faults(command(fields));

    assertThat(faults)
        .hasSize(ValidationErrors.MAX_SHOWN + 1)
        .last()
        .isEqualTo("request: has 49900 more errors");
  }

  @Test
  void shortensAndEscapesWhatItQuotes() {
    assertThat(faults(command("\"ram\": \"\\u001b" + "9".repeat(500) + "\"")))
        .singleElement()
        .asString()
        .startsWith("ram: '\\u001b" + "9".repeat(59) + "…' is not a size");
    assertThat(faults(command("\"\\u001b" + "k".repeat(500) + "\": 1")))
        .singleElement()
        .asString()
        .startsWith("\\u001b" + "k".repeat(39) + "…: is not a field of a request");
  }

  @Test
  void namesACommandWithoutNameAfterItselfInOneLine() {
    assertThat(spec(commandOf(List.of("sh", "-c", "a\nb"))).name()).isEqualTo("sh -c a\\nb");
    assertThat(spec(commandOf(List.of("x", "y".repeat(100)))).name()).hasSize(81).endsWith("y…");
    assertThat(spec(command("\"id\": \"i\"")).name()).isEqualTo("i");
  }

  private static String commandOf(List<String> argv) {
    return Requests.forCommand(argv).with(RequestField.WORKING_DIRECTORY, "/work").toJson();
  }

  private static String environment(int variables, String value) {
    return IntStream.range(0, variables)
        .mapToObj(i -> "\"V" + i + "\": \"" + value + "\"")
        .collect(Collectors.joining(", ", "\"environment\": {", "}"));
  }
}
