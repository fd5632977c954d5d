package io.coord.systemd;

import org.jspecify.annotations.Nullable;

/** systemd, or the bus to it, did not answer as agreed. */
public final class SystemdException extends RuntimeException {
  private final String subject;
  private final String errorName;

  /**
   * @param subject the unit or file that the call was about
   * @param errorName the D-Bus error name, for example {@code org.freedesktop.systemd1.NoSuchUnit},
   *     or a code such as {@code timeout}
   * @param message what failed, for which subject, and why
   */
  public SystemdException(
      String subject, String errorName, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.subject = subject;
    this.errorName = errorName;
  }

  /** Whether a file could not be read or written, so that no call was made. */
  public boolean isInputOutput() {
    return errorName.equals("input-output");
  }

  /** The unit or file that the call was about. */
  public String subject() {
    return subject;
  }

  /** The D-Bus error name, or a code such as {@code timeout}. */
  public String errorName() {
    return errorName;
  }
}
