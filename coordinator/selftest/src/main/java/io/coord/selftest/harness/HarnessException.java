package io.coord.selftest.harness;

/** What is shown cannot go on; the message is for the user and needs no stack trace. */
public final class HarnessException extends RuntimeException {
  public HarnessException(String message) {
    super(message);
  }

  public HarnessException(String message, Throwable cause) {
    super(message + ": " + root(cause), cause);
  }

  /** What went wrong in the end; what lies around it is our own machinery. */
  private static Throwable root(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return cause == null ? thrown : root(cause);
  }
}
