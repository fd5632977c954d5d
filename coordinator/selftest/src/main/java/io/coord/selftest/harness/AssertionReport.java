package io.coord.selftest.harness;

import java.util.List;

/** Tells of statements whether they are true. */
public final class AssertionReport {
  private final Terminal terminal;
  private final List<Assertion> claims;

  public AssertionReport(Terminal terminal, List<Assertion> claims) {
    this.terminal = terminal;
    this.claims = List.copyOf(claims);
  }

  public boolean allTrue() {
    return claims.stream().allMatch(Assertion::holds);
  }

  /** Writes each statement, right or wrong, with what was measured. */
  public void statements() {
    claims.forEach(this::statement);
  }

  private void statement(Assertion claim) {
    terminal.paragraph(
        (claim.holds() ? terminal.paint(Colour.GREEN, "✓") : terminal.paint(Colour.RED, "✗"))
            + " "
            + claim.text()
            + ": "
            + claim.measured(),
        "  ");
  }

  /** Writes whether all are true, and again those that are not. */
  public void lastWords() {
    List<Assertion> wrong = claims.stream().filter(claim -> !claim.holds()).toList();
    terminal.line("");
    if (wrong.isEmpty()) {
      terminal.line(
          terminal.paint(
              Colour.GREEN, "All " + claims.size() + " statements above are true, as measured."));
      return;
    }
    terminal.line(
        terminal.paint(
            Colour.RED, wrong.size() + " of " + claims.size() + " statements are not true:"));
    wrong.forEach(this::statement);
  }
}
