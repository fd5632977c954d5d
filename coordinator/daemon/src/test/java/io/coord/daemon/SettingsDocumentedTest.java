package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The settings that there are against what is written of them: each of them, and no other. */
final class SettingsDocumentedTest {
  private static final Path DOCS = Path.of("../../docs");

  private static List<String> all() {
    return Stream.of(SettingsReader.KNOWN, ExperimentFiles.KNOWN).flatMap(List::stream).toList();
  }

  @Test
  void inTheManualPage() throws Exception {
    String page = Files.readString(DOCS.resolve("man/coordinator.env.5"));
    String settings =
        page.substring(page.indexOf(".SH \"COORDINATOR SETTINGS"), page.indexOf(".SH DIRECTORIES"));

    assertThat(found("(?m)^\\.TP\n\\.B ([A-Z_]+)$", settings))
        .containsExactlyInAnyOrderElementsOf(all());
  }

  @Test
  void inTheGuide() throws Exception {
    String page = Files.readString(DOCS.resolve("guide/settings.md"));
    String settings =
        page.substring(page.indexOf("## Coordinator settings"), page.indexOf("## Directories"));
    List<String> keys = new ArrayList<>();
    for (String first : found("(?m)^\\|([^|]+)\\|", settings)) {
      keys.addAll(found("`([A-Z_]+)`", first));
    }

    assertThat(keys).containsExactlyInAnyOrderElementsOf(all());
  }

  private static List<String> found(String pattern, String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
