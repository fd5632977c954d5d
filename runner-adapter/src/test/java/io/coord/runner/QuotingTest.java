package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuotingTest {
  @Test
  void quotesPlainTextAsItIs() {
    assertThat(Quoting.of("a ü \"b\" \\ 🧠")).isEqualTo("'a ü \"b\" \\ 🧠'");
  }

  @Test
  void escapesWhatWouldLeaveTheLineOrMoveTheCursor() {
    assertThat(Quoting.of("a\nb\r\t\0\u001b[2J\u0085\u2028\ud800"))
        .isEqualTo("'a\\nb\\r\\t\\u0000\\u001b[2J\\u0085\\u2028\\ud800'");
  }

  @Test
  void shortensWithoutCuttingACharacterInTwo() {
    assertThat(Quoting.of("🧠".repeat(61))).isEqualTo("'" + "🧠".repeat(60) + "…'");
    assertThat(Quoting.of("🧠".repeat(60))).isEqualTo("'" + "🧠".repeat(60) + "'");
  }
}
