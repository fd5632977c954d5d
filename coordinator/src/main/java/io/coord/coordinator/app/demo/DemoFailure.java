package io.coord.coordinator.app.demo;

/** The demonstration cannot go on; the message is for the user and needs no stack trace. */
final class DemoFailure extends RuntimeException {
  DemoFailure(String message) {
    super(message);
  }

  DemoFailure(String message, Throwable cause) {
    super(message + ": " + root(cause), cause);
  }

  /** What went wrong in the end; what lies around it is our own machinery. */
  private static Throwable root(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return cause == null ? thrown : root(cause);
  }
}
