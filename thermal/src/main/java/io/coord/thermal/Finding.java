package io.coord.thermal;

/**
 * One thing that was found about a machine.
 *
 * @param severity whether something should be done about it
 * @param subject what it is about, for example {@code rails}; the same for the same matter
 * @param observation what was found
 * @param remedy what to do about it, in one sentence; blank if there is nothing to do
 */
public record Finding(Severity severity, String subject, String observation, String remedy) {

  /** Whether something should be done. */
  public enum Severity {
    /** As it should be, or not worth a change. */
    OK,
    /** It works, with less than it could. */
    WARNING,
    /** Something that is relied on does not hold. */
    FAULT
  }

  public Finding {
    if (severity != Severity.OK && remedy.isBlank()) {
      throw new IllegalArgumentException("'" + observation + "' needs a remedy");
    }
  }

  static Finding ok(String subject, String observation) {
    return new Finding(Severity.OK, subject, observation, "");
  }

  static Finding note(String subject, String observation, String remedy) {
    return new Finding(Severity.OK, subject, observation, remedy);
  }

  static Finding warning(String subject, String observation, String remedy) {
    return new Finding(Severity.WARNING, subject, observation, remedy);
  }

  static Finding fault(String subject, String observation, String remedy) {
    return new Finding(Severity.FAULT, subject, observation, remedy);
  }
}
