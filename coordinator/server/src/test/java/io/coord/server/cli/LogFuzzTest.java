package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever an experiment writes, its last lines are found, and JSON has all of them. */
class LogFuzzTest {
  /** A moment in the build; {@code -Dmutations=1000000} for a night. */
  private static final int LOGS = Integer.getInteger("mutations", 100);

  private static final List<String> PIECES =
      List.of(
          "\n",
          "\n\n",
          "\r",
          "\r\n",
          "\t",
          "\0",
          "\"",
          "\\",
          "\u001b[2J",
          "\u001b]0;x\u0007",
          "é",
          "🧠",
          "\u2028",
          "loss 0.5",
          "50 %\r",
          " ",
          "x".repeat(70_000),
          "\u0085",
          "{}",
          "line\n");

  private @TempDir Path folder;

  @Test
  void everyLogIsShown() throws Exception {
    Random random = new Random(16);
    Path file = folder.resolve("x.log");
    for (int i = 0; i < LOGS; i++) {
      StringBuilder log = new StringBuilder();
      for (int pieces = random.nextInt(40); pieces > 0; pieces--) {
        log.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      byte[] bytes = log.toString().getBytes(StandardCharsets.UTF_8);
      if (bytes.length > 0 && random.nextBoolean()) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, bytes);
      int lines = random.nextInt(8);
      byte[] last = shown(file, lines);
      assertThat(last).as("log %d, %d lines", i, lines).isEqualTo(lastLines(bytes, lines));
      assertThat(shown(file, -1)).isEqualTo(bytes);
      assertThat(jsonText(bytes)).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    }
  }

  private byte[] shown(Path file, long lines) {
    CommandLines.Heard heard = new CommandLines.Heard();
    new LogTail(file, CommandLines.ALL_DATA, heard, at -> {}).last(lines);
    assertThat(heard.errors).isEmpty();
    return heard.bytes.toByteArray();
  }

  private static byte[] lastLines(byte[] log, int lines) {
    int at = log.length;
    for (int found = 0; at > 0; at--) {
      boolean lineEnd = log[at - 1] == '\n' && at < log.length;
      if (lineEnd && ++found == lines) {
        break;
      }
    }
    return java.util.Arrays.copyOfRange(log, at, log.length);
  }

  /** What the objects say, line by line, put together again. */
  private static String jsonText(byte[] log) throws Exception {
    CommandLines.Heard heard = new CommandLines.Heard();
    JsonLines lines = new JsonLines(heard);
    lines.out(log, 0, log.length);
    lines.flush();
    StringBuilder text = new StringBuilder();
    List<JsonNode> objects = new ArrayList<>();
    for (String object : heard.text.toString().split("\n", -1)) {
      if (!object.isEmpty()) {
        objects.add(new ObjectMapper().readTree(object));
      }
    }
    for (int i = 0; i < objects.size(); i++) {
      boolean ended = i < objects.size() - 1 || log[log.length - 1] == '\n';
      text.append(objects.get(i).get("line").textValue());
      text.append(objects.get(i).has("continues") || !ended ? "" : "\n");
    }
    return text.toString();
  }
}
