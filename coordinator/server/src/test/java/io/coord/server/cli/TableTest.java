package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {

  @ParameterizedTest
  @ValueSource(ints = {60, 80, 100})
  void fitsTheTerminal(int columns) {
    Table table = new Table("ID", "STATE", "CYCLE", "REASON");
    table.row("x".repeat(64), "restarting", "999999/1000000", "waits for memory ".repeat(5));
    assertThat(table.render(columns).lines()).allMatch(line -> line.length() <= columns);
  }

  @Test
  void cutsTheLastColumnFirst() {
    Table table = new Table("ID", "REASON");
    table.row("a".repeat(20), "b".repeat(40));
    assertThat(table.render(40).lines().skip(1))
        .containsExactly("a".repeat(20) + "  " + "b".repeat(17) + "…");
  }

  @Test
  void cutsNothingWhereThereIsNoTerminal() {
    Table table = new Table("ID", "REASON");
    table.row("a".repeat(200), "b".repeat(400));
    assertThat(table.render(0))
        .contains("a".repeat(200) + "  " + "b".repeat(400))
        .doesNotContain("…");
  }
}
