package io.coord.thermal;

import org.jspecify.annotations.Nullable;

/** The board, or a tool of the board, did not answer as agreed. */
public final class ThermalException extends RuntimeException {
  private final String subject;

  /**
   * @param subject the file or tool that the call was about
   * @param message what could not be done, to which thing, and why
   */
  public ThermalException(String subject, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.subject = subject;
  }

  /** The file or tool that the call was about. */
  public String subject() {
    return subject;
  }
}
