package io.coord.scheduler.verify;

import io.coord.thermal.Finding.Severity;

/**
 * One thing that holds of an installation, or does not.
 *
 * @param name what it is about, for example {@code slice-memory}; the same for the same matter
 * @param measured what there is
 * @param wanted what there should be
 * @param verdict whether that is good enough
 * @param remedy what to do about it; blank if there is nothing to do
 */
public record Fact(String name, String measured, String wanted, Severity verdict, String remedy) {

  public Fact {
    if ((verdict == Severity.OK) != remedy.isBlank()) {
      throw new IllegalArgumentException("what is not as wanted needs a remedy: " + name);
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
