package io.coord.client;

import org.jspecify.annotations.Nullable;

/** The client ends here, with this exit code and these words. */
final class ExitException extends Exception {
  /** The user asked for something that cannot be. */
  static final int USER = 2;

  /** Nobody listens, as {@code EX_UNAVAILABLE} in {@code sysexits.h}. */
  static final int UNREACHABLE = 69;

  /** The daemon does not answer as agreed, as {@code EX_SOFTWARE}. */
  static final int INTERNAL = 70;

  /** Output cannot be written, as {@code EX_IOERR}. */
  static final int OUTPUT = 74;

  /** Not now, as {@code EX_TEMPFAIL}. */
  static final int NOT_NOW = 75;

  /** What a shell reports of a program that wrote to a pipe nobody reads: 128 and SIGPIPE. */
  static final int CLOSED_PIPE = 141;

  private final int exitCode;

  /**
   * @param complaint for standard error, without a line end; null to end quietly
   */
  ExitException(int exitCode, @Nullable String complaint) {
    super(complaint, null, false, false);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
