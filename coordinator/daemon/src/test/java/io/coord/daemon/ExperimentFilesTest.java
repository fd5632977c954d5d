package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.runner.ParsedRequest;
import io.coord.runner.RequestField;
import io.coord.runner.Validated;
import io.coord.runner.ValidationError;
import io.coord.runner.json.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExperimentFilesTest {
  private static final long GIB = 1L << 30;
  private static final String REQUEST =
      "{\"command\": [\"true\"], \"working_directory\": \"/\",  \"cpu\": \"50%\"}";

  @TempDir private Path folder;
  private ExperimentFiles files;

  @BeforeEach
  void open() {
    files = new ExperimentFiles(folder, 8 * GIB);
  }

  private void set(String id, String text) throws IOException {
    Path file = folder.resolve(id + ".env");
    Files.writeString(file, text);
    mode(file, "rw-r--r--");
  }

  private static void mode(Path file, String mode) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  /** What is wrong, the folder left out. */
  private List<String> faults(String id) {
    Validated<Map<RequestField<?>, String>> read = files.read(id);
    assertThat(read).isInstanceOf(Validated.Invalid.class);
    return ((Validated.Invalid<Map<RequestField<?>, String>>) read)
        .errors().stream().map(ValidationError::toString).map(this::withoutFolder).toList();
  }

  private static <T> T valid(Validated<T> read) {
    assertThat(read).isInstanceOf(Validated.Valid.class);
    return ((Validated.Valid<T>) read).value();
  }

  private static String stored(Validated<ParsedRequest> read) {
    return valid(read).text();
  }

  private String withoutFolder(String line) {
    return line.replace(folder + "/", "");
  }

  @Test
  void setsAllThatThereIs() throws IOException {
    set(
        "a",
        """
        # for people
        EXPERIMENT_RAM_LIMIT=1536M
        export EXPERIMENT_CPU_QUOTA="250 %"
        NVPMODEL_MODE=2
        MAX_TEMP_CELSIUS=072.50
        """);

    assertThat(files.read("a"))
        .isEqualTo(
            new Validated.Valid<>(
                Map.of(
                    RequestField.RAM, "1536M",
                    RequestField.CPU, "250 %",
                    RequestField.NVPMODEL_MODE, "2",
                    RequestField.MAX_TEMP_CELSIUS, "072.50")));
  }

  @Test
  void takesTheExample() throws IOException {
    set("amnesiac_001", Files.readString(Path.of("../../examples/amnesiac_001.env")));

    Validated<Map<RequestField<?>, String>> read = files.read("amnesiac_001");

    assertThat(valid(read))
        .containsOnlyKeys(RequestField.RAM, RequestField.CPU, RequestField.MAX_TEMP_CELSIUS);
    assertThat(read.warnings()).isEmpty();
  }

  @Test
  void theRequestPrevails() throws IOException {
    set("a", "EXPERIMENT_CPU_QUOTA=250%\nMAX_TEMP_CELSIUS=70\n");

    assertThat(stored(new SpecReader().readFor("a", REQUEST, files)))
        .contains("\"cpu\":\"50%\"", "\"max_temp_celsius\":70")
        .doesNotContain("250%");
  }

  @ParameterizedTest
  @ValueSource(strings = {"b", "a.env"})
  void leavesTheRequestOfOthersAsItIs(String other) throws IOException {
    set("a", "EXPERIMENT_RAM_LIMIT=1G\n");

    assertThat(stored(new SpecReader().readFor(other, REQUEST, files))).isEqualTo(REQUEST);
  }

  @Test
  void leavesTheRequestAsItIsIfNothingIsSet() throws IOException {
    set("a", "EXPERIMENT_RAM_LIMIT=\n# NVPMODEL_MODE=2\n");

    assertThat(stored(new SpecReader().readFor("a", REQUEST, files))).isEqualTo(REQUEST);
  }

  @Test
  void aChangeHoldsAtOnce() throws IOException {
    set("a", "EXPERIMENT_RAM_LIMIT=1G\n");
    assertThat(valid(files.read("a"))).containsEntry(RequestField.RAM, "1G");
    set("a", "EXPERIMENT_RAM_LIMIT=2G\n");
    assertThat(valid(files.read("a"))).containsEntry(RequestField.RAM, "2G");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EXPERIMENT_RAM_LIMIT=9G | must be a size such as 512M or 4G, from 16M to 8G (the total",
        "EXPERIMENT_RAM_LIMIT=lots | must be a size",
        "EXPERIMENT_CPU_QUOTA=80 | EXPERIMENT_CPU_QUOTA: '80' is not a percentage; use 1% to"
            + " 100000%",
        "NVPMODEL_MODE=15W#1 | is not a power mode; use its id or its name: 1 to 200 printable",
        "NVPMODEL_MODE=2 # MAXN | (a comment needs a line of its own)",
        "MAX_TEMP_CELSIUS=29 | is out of range; use 30 to 125 (°C)",
        "MAX_TEMP_CELSIUS=hot | is not a temperature; use 30 to 125 (°C)",
        "MAX_TEMP_CELSIUS=70.1234 | is not a temperature; use 30 to 125 (°C), at most 3 decimals",
      })
  void refusesAValueWithFileAndLine(String line, String fault) throws IOException {
    set("a", "\n" + line + "\n");

    assertThat(faults("a")).singleElement().asString().startsWith("a.env:2: ").contains(fault);
  }

  @Test
  void refusesTheFileAsAWhole() throws IOException {
    set("a", "EXPERIMENT_RAM_LIMIT=1G\nNVPMODEL_MODE=#\nMAX_TEMP_CELSIUS=200\nwhat\n");

    assertThat(faults("a"))
        .extracting(fault -> fault.substring(0, fault.indexOf(' ')))
        .containsExactlyInAnyOrder("a.env:2:", "a.env:3:", "a.env:4:");
  }

  @Test
  void warnsOfWhatHasNoEffect() throws IOException {
    set("a", "NVPMODEL_MODUS=2\nCRITICAL_TEMP_CELSIUS=70\nNVPMODEL_MODE=1\n");

    Validated<Map<RequestField<?>, String>> read = files.read("a");

    assertThat(valid(read)).containsOnlyKeys(RequestField.NVPMODEL_MODE);
    assertThat(read.warnings().stream().map(this::withoutFolder))
        .containsExactly(
            "a.env:1: unknown key 'NVPMODEL_MODUS', ignored; did you mean NVPMODEL_MODE?",
            "a.env:2: CRITICAL_TEMP_CELSIUS is a setting of the coordinator, ignored here; it"
                + " belongs in 'coordinator.env'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-rw-r--", "rw-r--rw-"})
  void doesNotBelieveWhatOthersMayWrite(String mode) throws IOException {
    set("a", "EXPERIMENT_RAM_LIMIT=1G\n");
    mode(folder.resolve("a.env"), mode);

    assertThat(faults("a"))
        .singleElement()
        .asString()
        .startsWith("a.env: its settings are not believed: others than its owner may write it");
  }

  @Test
  void doesNotBelieveWhatBelongsToAnother() throws IOException {
    set("a", "EXPERIMENT_RAM_LIMIT=1G\n");
    files = new ExperimentFiles(folder, 8 * GIB, List.of("nobody-here"));

    assertThat(faults("a"))
        .singleElement()
        .asString()
        .startsWith("a.env: its settings are not believed: it belongs to")
        .contains("not to nobody-here");
  }

  @Test
  void refusesAFolderInPlaceOfTheFile() throws IOException {
    Files.createDirectory(folder.resolve("a.env"));

    assertThat(faults("a"))
        .containsExactly("a.env: cannot read the settings: it is no regular file");
  }

  @Test
  void checksAllThatThereAre() throws IOException {
    set("b", "MAX_TEMP_CELSIUS=200\n");
    set("a", "NVPMODEL_MODE=#\nEXPERIMENT_CPU=80%\n");
    set("no id", "EXPERIMENT_RAM_LIMIT=1G\n");
    Files.writeString(folder.resolve("a.json"), "{}");

    Validated<List<String>> read = files.check();

    assertThat(read).isInstanceOf(Validated.Invalid.class);
    assertThat(((Validated.Invalid<List<String>>) read).errors())
        .extracting(error -> withoutFolder(error.field()))
        .containsExactly("a.env:1", "b.env:1");
    assertThat(read.warnings().stream().map(this::withoutFolder))
        .containsExactly(
            "a.env:2: unknown key 'EXPERIMENT_CPU', ignored; did you mean EXPERIMENT_CPU_QUOTA?",
            "no id.env: no experiment can have this id, ignored");
  }

  @Test
  void findsNothingWrongWhereThereIsNoFolder() {
    files = new ExperimentFiles(folder.resolve("none"), GIB);

    assertThat(files.check()).isEqualTo(new Validated.Valid<>(List.of()));
  }

  @Test
  void looksForNothingOutsideItsFolder() {
    assertThatThrownBy(() -> files.read("../coordinator"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
