package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What is answered where there is no daemon. */
class HelpMainTest extends CommandLines {
  private final StringWriter out = new StringWriter();
  private final List<String> errors = new ArrayList<>();

  private OptionalInt answer(String... argv) {
    return HelpMain.answer(List.of(argv), 80, new PrintWriter(out, true), errors::add);
  }

  @Test
  void helpIsThatOfTheDaemon() {
    assertThat(coord("logs", "--help")).isZero();

    assertThat(answer("logs", "--help")).hasValue(0);

    assertThat(out.toString()).isEqualTo(heard.text.toString()).startsWith("Usage: coord logs");
    assertThat(answer("--version")).hasValue(0);
    assertThat(answer("--help")).hasValue(0);
    assertThat(out.toString()).contains("(not packaged)", "Exit codes:");
  }

  @Test
  void whatIsWrongWithACommandLineIsSaid() {
    assertThat(answer("lits")).hasValue(2);
    assertThat(answer("list", "--jso")).hasValue(2);
    assertThat(answer("wait")).hasValue(2);
    assertThat(answer()).hasValue(2);
    assertThat(errors)
        .contains(
            "coord: unknown command 'lits'; did you mean 'list'?",
            "coord: unknown option '--jso'; did you mean '--json'?",
            "coord: missing required parameter: 'ID'",
            "coord: no command given; see 'coord --help'");
  }

  @Test
  void whatNeedsTheDaemonIsNotAnswered() {
    assertThat(answer("list")).isEmpty();
    assertThat(answer("enqueue", "--", "python3", "--help")).isEmpty();
    assertThat(errors).isEmpty();
    assertThat(out.toString()).isEmpty();
  }
}
