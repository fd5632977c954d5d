package io.coord.scheduler.cron;

/** A cron expression cannot be read. The message is the reason, without the expression. */
public final class CronSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CronSyntaxException(String reason) {
    super(reason);
  }

  /** The reason, in words. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
