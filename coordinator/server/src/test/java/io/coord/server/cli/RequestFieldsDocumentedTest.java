package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.RequestField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The manual page and the settings page against the field table. With {@code
 * -Dcoord.writeDocs=true} the tests write the pages instead.
 */
final class RequestFieldsDocumentedTest {
  private static final Path MANUAL = Documents.ROOT.resolve("docs/man/coord.1");
  private static final Path SETTINGS = Documents.ROOT.resolve("docs/guide/settings.md");

  @Test
  void theManualPageHasTheOptionsOfTheTable() throws Exception {
    List<String> lines = new ArrayList<>();
    for (RequestOption option : RequestOption.all()) {
      lines.add(".TP");
      lines.add(("\\fB" + roff(option.cli().name()) + "\\fR " + label(option)).strip());
      option.sentences().forEach(sentence -> lines.add(roff(sentence)));
    }

    isBetween(
        MANUAL,
        ".\\\" The options below are generated from the field table; a test compares them.\n",
        String.join("\n", lines) + "\n",
        ".\\\" End of the generated options.\n");
  }

  @Test
  void theSettingsPageHasTheSettingsOfTheTable() throws Exception {
    List<String> lines = new ArrayList<>();
    for (RequestField<?> field : RequestField.all()) {
      field
          .setting()
          .ifPresent(
              key ->
                  lines.add(
                      "| `%s` | %s | %s | `%s` |"
                          .formatted(
                              key,
                              field.type().unit(),
                              field.type().range().replace("'_'", "`_`"),
                              field.option().orElseThrow().name())));
    }

    isBetween(
        SETTINGS,
        "| key | unit | range | option that takes precedence |\n| --- | --- | --- | --- |\n",
        String.join("\n", lines) + "\n",
        "\n`EXPERIMENT_RAM_LIMIT` must not exceed");
  }

  private static String label(RequestOption option) {
    String label = option.cli().label().replaceAll("[A-Z]+", "\\\\fI$0\\\\fR");
    return option.separator().isEmpty() ? label : label + "[" + option.separator() + label + "...]";
  }

  private static String roff(String text) {
    return text.replace("-", "\\-");
  }

  private static void isBetween(Path page, String start, String expected, String end)
      throws IOException {
    String text = Files.readString(page);
    int from = text.indexOf(start) + start.length();
    int to = text.indexOf(end, from);
    assertThat(to).as("generated part of " + page).isPositive();
    if (Boolean.getBoolean("coord.writeDocs")) {
      Files.writeString(page, text.substring(0, from) + expected + text.substring(to));
      return;
    }
    assertThat(text.substring(from, to))
        .as("run this test with -Dcoord.writeDocs=true to update " + page)
        .isEqualTo(expected);
  }
}
