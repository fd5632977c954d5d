package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.RequestField;
import io.coord.runner.Validated;
import io.coord.thermal.Cores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files of settings that are installed: all is commented out, and all is as the program has it.
 */
final class SampleSettingsTest {
  private static final Path INSTALLED = Path.of("../../packaging/root/etc/brain-in-jar");
  private static final Path SETTINGS = INSTALLED.resolve("coordinator.env");
  private static final Path OF_AN_EXPERIMENT = INSTALLED.resolve("experiments/example.env.sample");

  /** A setting with its default; prose in a comment has a space after its mark. */
  private static final Pattern SETTING = Pattern.compile("(?m)^#([A-Z][A-Z0-9_]*)=");

  private static final long MEM_TOTAL = 8L << 30;

  @TempDir private Path folder;

  private static List<String> keys(Path sample) throws IOException {
    return SETTING
        .matcher(Files.readString(sample))
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  private Path uncommented(Path sample, String name) throws IOException {
    Path file = Files.createDirectories(folder.resolve("experiments")).resolve(name);
    Files.writeString(file, SETTING.matcher(Files.readString(sample)).replaceAll("$1="));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    return file;
  }

  private Settings settings(Path file) {
    Validated<Settings> read =
        Settings.read(file, Map.of(), MEM_TOTAL, ThresholdBounds.UNKNOWN, Cores.parse("0-7"));
    assertThat(read.warnings()).isEmpty();
    assertThat(read).isInstanceOf(Validated.Valid.class);
    return ((Validated.Valid<Settings>) read).value();
  }

  @Test
  void everySettingIsThereOnceAndNoneThatIsNot() throws IOException {
    assertThat(keys(SETTINGS)).containsExactlyInAnyOrderElementsOf(SettingsReader.KNOWN);
    assertThat(keys(OF_AN_EXPERIMENT)).containsExactlyInAnyOrderElementsOf(ExperimentFiles.KNOWN);
  }

  @Test
  void asInstalledTheySetNothing() throws IOException {
    assertThat(EnvironmentFile.parse(Files.readString(SETTINGS), "a"))
        .isEqualTo(new EnvironmentFile(List.of(), List.of()));
    assertThat(EnvironmentFile.parse(Files.readString(OF_AN_EXPERIMENT), "a"))
        .isEqualTo(new EnvironmentFile(List.of(), List.of()));
  }

  @Test
  void whatIsShownAsADefaultIsOne() throws IOException {
    assertThat(settings(uncommented(SETTINGS, "coordinator.env")))
        .isEqualTo(settings(folder.resolve("no-such-file")));
  }

  @Test
  void thoseOfAnExperimentAreGood() throws IOException {
    Path file = uncommented(OF_AN_EXPERIMENT, "example.env");

    Validated<Map<RequestField<?>, String>> read =
        new ExperimentFiles(file.resolveSibling("."), MEM_TOTAL).read("example");

    assertThat(read.warnings()).isEmpty();
    assertThat(read).isInstanceOf(Validated.Valid.class);
    assertThat(((Validated.Valid<Map<RequestField<?>, String>>) read).value()).hasSize(2);
  }
}
