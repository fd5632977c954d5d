package io.coord.selftest.harness;

import java.util.List;

/** Prints statements and whether they are true. */
public final class AssertionReport {
  private final Terminal terminal;
  private final List<Assertion> assertions;

  public AssertionReport(Terminal terminal, List<Assertion> assertions) {
    this.terminal = terminal;
    this.assertions = List.copyOf(assertions);
  }

  public boolean allTrue() {
    return assertions.stream().allMatch(Assertion::holds);
  }

  /** Prints each statement, true or not, with what was measured. */
  public void print() {
    assertions.forEach(this::statement);
  }

  private void statement(Assertion assertion) {
    terminal.paragraph(
        (assertion.holds() ? terminal.paint(Colour.GREEN, "✓") : terminal.paint(Colour.RED, "✗"))
            + " "
            + assertion.text()
            + ": "
            + assertion.measured(),
        "  ");
  }

  /** Prints whether all are true, and repeats those that are not. */
  public void summary() {
    List<Assertion> wrong = assertions.stream().filter(assertion -> !assertion.holds()).toList();
    terminal.line("");
    if (wrong.isEmpty()) {
      terminal.line(
          terminal.paint(
              Colour.GREEN,
              "All " + assertions.size() + " statements above are true, as measured."));
      return;
    }
    terminal.line(
        terminal.paint(
            Colour.RED, wrong.size() + " of " + assertions.size() + " statements are not true:"));
    wrong.forEach(this::statement);
  }
}
