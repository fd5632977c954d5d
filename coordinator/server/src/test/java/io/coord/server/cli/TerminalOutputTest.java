package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TerminalOutputTest {
  private final CommandLines.Heard heard = new CommandLines.Heard();
  private final TerminalOutput output = new TerminalOutput(heard);

  private String shown(String text) {
    output.out(text);
    String shown = heard.text.toString();
    heard.text.setLength(0);
    return shown;
  }

  @Test
  void textStaysAsItIs() {
    assertThat(shown("loss\t0.5 é 漢字 😀 👩‍🔬\n")).isEqualTo("loss\t0.5 é 漢字 😀 👩‍🔬\n");
  }

  @Test
  void controlCharactersAreShownAsText() {
    assertThat(shown("\u001b]0;title\u0007\u001b[31mred\u007f\u0000\n"))
        .isEqualTo("^[]0;title^G^[[31mred^?^@\n");
    assertThat(shown("\u009b31m \u202eevil \u2066x \u2028\n"))
        .isEqualTo("<U+009B>31m <U+202E>evil <U+2066>x <U+2028>\n");
    output.error("coord: '\u001b[2J'");
    assertThat(heard.errors).containsExactly("coord: '^[[2J'");
  }

  @Test
  void aMessageIsPlainAndBoundedWhereverItGoes() {
    PlainErrors plain = new PlainErrors(heard);
    plain.error("coord: '\u001b[2J'\t" + "x".repeat(100_000));
    plain.out("\u001b[31m");

    assertThat(heard.errors).hasSize(1).first().asString().startsWith("coord: '^[[2J'\tx");
    assertThat(heard.errors.get(0)).hasSizeLessThan(2100).endsWith("x…");
    assertThat(heard.text.toString()).isEqualTo("\u001b[31m");
  }

  @Test
  void aProgressBarBecomesLines() {
    assertThat(shown("10 %\r20 %\rdone\r\nnext\n")).isEqualTo("10 %\n20 %\ndone\nnext\n");
  }

  private static List<String> texts() {
    return List.of("é漢😀\u009b\u202e\r\nx", "a\r\u001bé\r\n");
  }

  @ParameterizedTest
  @MethodSource("texts")
  void lettersMayComeInPieces(String text) {
    String whole = shown(text);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      output.out(new byte[] {b}, 0, 1);
    }
    assertThat(heard.text.toString()).isEqualTo(whole);
  }

  @Test
  void bytesThatAreNoTextAreMarked() {
    output.out(new byte[] {'a', (byte) 0x9b, (byte) 0xff, 'b', (byte) 0xe6, 'c'}, 0, 6);
    assertThat(heard.text.toString()).isEqualTo("a\ufffd\ufffdbc");
  }
}
