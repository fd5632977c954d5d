package io.coord.server.api;

import io.coord.scheduler.core.decision.Refusal;

/**
 * How a refusal is reported: the one place where its kind becomes a number.
 *
 * @param exitCode for the shell
 * @param httpStatus for the API
 */
public record RefusalStatus(int exitCode, int httpStatus) {

  /** The numbers of a kind. */
  public static RefusalStatus of(Refusal.Kind kind) {
    return switch (kind) {
      case USER -> new RefusalStatus(ExitCodes.USER, 400);
      case UNKNOWN_ID -> new RefusalStatus(ExitCodes.USER, 404);
      case NOT_NOW -> new RefusalStatus(ExitCodes.NOT_NOW, 503);
      case INTERNAL -> new RefusalStatus(ExitCodes.INTERNAL, 500);
    };
  }
}
