package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.runner.Quoting;
import io.coord.runner.Validated;
import io.coord.runner.ValidationErrors;
import io.coord.thermal.Cores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a settings file contains, the answer is settings or faults that name file and line. */
class SettingsFuzzTest {
  /** A moment in the build; {@code -Dmutations=1000000} for a night. */
  private static final int MUTATIONS = Integer.getInteger("mutations", 500);

  private static final List<String> SPLINTERS =
      List.of(
          "=",
          "\n",
          "\"",
          "'",
          "\\",
          "#",
          ";",
          "export ",
          "-1",
          "1e9",
          "99999999999999999999",
          "%",
          "G",
          "\0",
          "\u001b[31m",
          "\uFEFF",
          "é",
          " ",
          "MAX_CONCURRENT_EXPERIMENTS=",
          "x=y\n",
          "0.",
          "\u2028",
          "85",
          ",",
          "root");

  private @TempDir Path folder;

  @Test
  void answersEveryMutation() throws IOException {
    String sample = sample();
    Random random = new Random(14);
    int accepted = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      StringBuilder text = new StringBuilder(sample);
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        int at = random.nextInt(text.length());
        int end = Math.min(text.length(), at + random.nextInt(12));
        switch (random.nextInt(4)) {
          case 0 -> text.delete(at, end);
          case 1 -> text.insert(at, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
          case 2 -> text.replace(at, end, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
          default -> text.setCharAt(at, (char) random.nextInt(256));
        }
      }
      accepted += answers(text.toString()) ? 1 : 0;
    }
    assertThat(accepted).isBetween(MUTATIONS / 20, MUTATIONS - MUTATIONS / 20);
  }

  @Test
  void theAnswerToAFileThatRepeatsItselfIsShort() throws IOException {
    for (String repeated : SPLINTERS) {
      answers(repeated.repeat((60 << 10) / repeated.getBytes(StandardCharsets.UTF_8).length));
      answers((repeated + "\n").repeat((60 << 10) / (repeated.length() + 4)));
    }
  }

  private boolean answers(String text) throws IOException {
    Path file = folder.resolve("coordinator.env");
    Files.writeString(file, text);
    Validated<Settings> answer =
        Settings.read(file, Map.of(), 10L << 30, ThresholdBounds.UNKNOWN, Cores.parse("0-7"));
    List<String> lines = new ArrayList<>(answer.warnings());
    if (answer instanceof Validated.Invalid<Settings> invalid) {
      invalid.errors().forEach(error -> lines.add(error.toString()));
    }
    assertThat(lines).hasSizeLessThanOrEqualTo(2 * (ValidationErrors.MAX_SHOWN + 1));
    for (String line : lines) {
      assertThat(line.codePoints().noneMatch(Quoting::isUnprintable) && line.length() < 600)
          .as(Quoting.oneLine(line, 2_000))
          .isTrue();
    }
    return answer instanceof Validated.Valid<Settings>;
  }

  private static String sample() throws IOException {
    return Files.readString(Path.of("../../packaging/root/etc/brain-in-jar/coordinator.env"))
        .replaceAll("(?m)^#([A-Z_]+=.)", "$1");
  }
}
