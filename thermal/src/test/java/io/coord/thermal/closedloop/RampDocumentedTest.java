package io.coord.thermal.closedloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code script/heat-ramp} has measured is in the documents, and can be written again. */
class RampDocumentedTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final List<String> PARTS =
      List.of("60 °C", "74 °C", "76 °C", "80 °C", "84 °C", "86 °C", "70 °C", "60 °C again");

  @TempDir private Path folder;

  @Test
  void thePageHasThePictureAndEachPartOfTheRamp() throws IOException {
    String page = Files.readString(DOCS.resolve("HEAT.md"));
    assertThat(page).contains("(heat-ramp.svg)").contains("`script/heat-ramp`");
    String table = page.substring(page.indexOf("<!-- ramp: begin"), page.indexOf("<!-- ramp: end"));
    for (String part : PARTS) {
      assertThat(table)
          .containsPattern(
              "\\n\\| %s \\| \\d+ s \\| `[A-Z]+` \\| \\d+ \\| \\w+ \\| (none|\\d+ %%) \\| \\d+ %% \\|\\n"
                  .formatted(Pattern.quote(part)));
    }
    assertThat(table).containsPattern("\\| 86 °C .*`CRITICAL` \\| 0 \\|");
    assertThat(Files.readString(DOCS.resolve("heat-ramp.svg")))
        .contains(">throttled<", ">critical<", "Power mode", "CPU use of all experiments")
        .endsWith("</svg>\n");
  }

  @Test
  void aTableIsDrawnAndAddedUp() throws IOException {
    Files.writeString(
        folder.resolve("HEAT.md"), "a\n<!-- ramp: begin -->\nold\n<!-- ramp: end -->\nb\n");
    StringBuilder table =
        new StringBuilder(
            "second\tpart\tcelsius\tstate\trunning\tfrozen\trequested_percent\tquota_percent\tmode"
                + "\tcpu_percent\n");
    for (int i = 0; i < 40; i++) {
      table.append(
          i < 20
              ? i + "\t60 °C\t60.0\tnormal\t4\tno\t100\t\tMAXN\t40.0\n"
              : i
                  + "\t76 °C\t76.0\tthrottled\t4\tno\t50\t20\tMODE_50W\t"
                  + (i < 30 ? 35 : 19)
                  + "\n");
    }
    Path measured = Files.writeString(folder.resolve("ramp.tsv"), table);
    RampReport.main(new String[] {measured.toString(), folder.toString()});
    assertThat(Files.readString(folder.resolve("HEAT.md")))
        .startsWith("a\n")
        .endsWith("b\n")
        .doesNotContain("old")
        .contains("| 60 °C | 20 s | `NORMAL` | 4 | MAXN | none | 40 % |\n")
        .contains("| 76 °C | 20 s | `THROTTLED` | 4 | MODE_50W | 20 % | 19 % |\n");
    assertThat(Files.readString(folder.resolve("heat-ramp.svg"))).contains(">MODE_50W<");
  }
}
