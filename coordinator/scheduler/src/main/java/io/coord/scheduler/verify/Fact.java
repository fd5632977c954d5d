package io.coord.scheduler.verify;

import io.coord.thermal.Finding.Severity;

/**
 * The result of one check of an installation.
 *
 * @param name of the check, for example {@code slice-memory}; stable
 * @param measured what was found
 * @param wanted what was expected
 * @param verdict how severe the difference is
 * @param remedy how to fix it; blank if there is nothing to do
 */
public record Fact(String name, String measured, String wanted, Severity verdict, String remedy) {

  public Fact {
    if ((verdict == Severity.OK) != remedy.isBlank()) {
      throw new IllegalArgumentException("a failed check needs a remedy: " + name);
    }
  }

  static Fact good(String name, String measured, String wanted) {
    return new Fact(name, measured, wanted, Severity.OK, "");
  }

  static Fact odd(String name, String measured, String wanted, String remedy) {
    return new Fact(name, measured, wanted, Severity.WARNING, remedy);
  }

  static Fact fault(String name, String measured, String wanted, String remedy) {
    return new Fact(name, measured, wanted, Severity.FAULT, remedy);
  }
}
