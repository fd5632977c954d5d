package io.coord.scheduler.verify;

import io.coord.thermal.Finding.Severity;
import java.util.ArrayList;
import java.util.List;

/** Checks an installation. */
public final class Verification {
  private Verification() {}

  /** All facts, always in the same order. */
  public static List<Fact> of(Installation installation) {
    List<Fact> facts = new ArrayList<>();
    facts.addAll(UnitChecks.of(installation));
    facts.addAll(LimitChecks.of(installation));
    facts.addAll(InstallationChecks.of(installation));
    return List.copyOf(facts);
  }

  /** Whether a check has failed. */
  public static boolean anyFault(List<Fact> facts) {
    return facts.stream().anyMatch(fact -> fact.verdict() == Severity.FAULT);
  }
}
