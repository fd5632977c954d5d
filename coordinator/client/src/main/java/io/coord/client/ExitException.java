package io.coord.client;

import org.jspecify.annotations.Nullable;

/** Ends the client with an exit code and a message. */
final class ExitException extends Exception {
  /** The request is wrong. */
  static final int USER = 2;

  /** The daemon is not running, as {@code EX_UNAVAILABLE} in {@code sysexits.h}. */
  static final int UNREACHABLE = 69;

  /** The daemon's response is not understood, as {@code EX_SOFTWARE}. */
  static final int INTERNAL = 70;

  /** Output cannot be written, as {@code EX_IOERR}. */
  static final int OUTPUT = 74;

  /** Temporary failure, as {@code EX_TEMPFAIL}. */
  static final int NOT_NOW = 75;

  /** Broken pipe, as a shell reports it: 128 + SIGPIPE. */
  static final int CLOSED_PIPE = 141;

  private final int exitCode;

  /**
   * @param message for standard error, without a line end; null to end quietly
   */
  ExitException(int exitCode, @Nullable String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
