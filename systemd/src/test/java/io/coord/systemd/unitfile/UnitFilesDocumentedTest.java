package io.coord.systemd.unitfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shipped unit files against docs/UNITS.md: each directive has its reason there, and the
 * version of systemd in which it came; what the oldest supported one does not know is explained.
 */
class UnitFilesDocumentedTest {
  private static final Path PAGE = Path.of("../docs/UNITS.md");

  /** Of Ubuntu 20.04 and JetPack 5. */
  private static final int OLDEST = 245;

  private static final String OF_INSTANCE = "brain-experiment@ID.service.d/50-coord.conf";
  private static final Pattern DIRECTIVE = Pattern.compile("^([A-Z][A-Za-z]+)=", Pattern.MULTILINE);

  /** What stands in the code that writes the drop-in of an instance: {@code line("Key", ...)}. */
  private static final Pattern WRITTEN = Pattern.compile("line\\(\\s*\"([A-Za-z]+)\"");

  private static final Pattern CODE = Pattern.compile("`([A-Z][A-Za-z]+)[^`]*`");

  static Stream<String> units() {
    return Stream.of(
            UnitFiles.TEMPLATES.stream(),
            Stream.of(UnitFiles.OF_MACHINE, OF_INSTANCE),
            UnitFiles.OF_COORDINATOR.stream())
        .flatMap(names -> names);
  }

  @ParameterizedTest
  @MethodSource("units")
  void eachDirectiveHasItsReason(String unit) throws Exception {
    assertThat(explained(unit)).isEqualTo(shipped(unit));
  }

  @Test
  void eachDirectiveHasItsFirstVersion() throws Exception {
    SortedSet<String> all = new TreeSet<>();
    for (String unit : units().toList()) {
      all.addAll(shipped(unit));
    }

    assertThat(firstVersions().keySet()).isEqualTo(all);
  }

  @Test
  void explainsDirectivesThatTheOldestVersionLacks() throws Exception {
    String differences = section("## What differs between versions of systemd", "\n### ");
    List<String> newer = new ArrayList<>();
    firstVersions()
        .forEach(
            (directive, version) -> {
              if (version > OLDEST) {
                newer.add("\n| `" + directive + "=` | " + version + " | " + OLDEST + ": ");
              }
            });

    assertThat(newer).isNotEmpty().allSatisfy(row -> assertThat(differences).contains(row));
  }

  private static SortedSet<String> shipped(String unit) throws Exception {
    if (unit.equals(OF_INSTANCE)) {
      return found(
          WRITTEN,
          Files.readString(Path.of("src/main/java/io/coord/systemd/unitfile/DropIn.java")));
    }
    return found(DIRECTIVE, UnitFiles.text(unit, UnitFilePaths.OF_PACKAGE));
  }

  /** What stands in the first column of the table below the heading of a unit. */
  private static SortedSet<String> explained(String unit) throws Exception {
    StringBuilder first = new StringBuilder();
    section("\n## " + unit + "\n", "\n## ")
        .lines()
        .filter(line -> line.startsWith("| `"))
        .forEach(line -> first.append(line.substring(0, line.indexOf(" |", 1))));
    return found(CODE, first.toString());
  }

  private static SortedMap<String, Integer> firstVersions() throws Exception {
    SortedMap<String, Integer> versions = new TreeMap<>();
    for (String line : section("### First versions", "\n## ").lines().toList()) {
      Matcher row = Pattern.compile("\\| (\\d+) \\|(.*)").matcher(line);
      if (row.matches()) {
        for (String directive : found(CODE, row.group(2))) {
          assertThat(versions.put(directive, Integer.valueOf(row.group(1))))
              .as(directive + " stands there once")
              .isNull();
        }
      }
    }
    return versions;
  }

  private static String section(String heading, String next) throws Exception {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(heading);
    assertThat(begin).as("there is '" + heading.strip() + "'").isNotNegative();
    int end = page.indexOf(next, begin + heading.length());
    return page.substring(begin + heading.length(), end < 0 ? page.length() : end);
  }

  private static SortedSet<String> found(Pattern pattern, String text) {
    SortedSet<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
