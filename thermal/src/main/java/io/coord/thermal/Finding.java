package io.coord.thermal;

/**
 * One finding about a machine.
 *
 * @param severity whether action is needed
 * @param subject what it is about, for example {@code rails}
 * @param observation what was found
 * @param remedy what to do, in one sentence; blank if nothing
 */
public record Finding(Severity severity, String subject, String observation, String remedy) {

  /** Whether action is needed. */
  public enum Severity {
    /** Good, or not worth a change. */
    OK,
    /** Works with limitations. */
    WARNING,
    /** Something that is relied on does not work. */
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
