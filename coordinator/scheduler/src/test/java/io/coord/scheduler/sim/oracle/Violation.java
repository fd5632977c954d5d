package io.coord.scheduler.sim.oracle;

/** A rule that is broken. */
public final class Violation extends AssertionError {
  private static final long serialVersionUID = 1;

  private final Rule rule;

  public Violation(Rule rule, String what) {
    super(rule + ": " + what);
    this.rule = rule;
  }

  /** The rule that is broken. */
  public Rule rule() {
    return rule;
  }
}
