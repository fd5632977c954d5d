package io.coord.server.http;

import io.coord.scheduler.core.decision.Refusal;

/** Ends a request with a status that HTTP itself has for it. */
final class HttpRefusal extends RuntimeException {
  private final int status;
  private final transient Refusal refusal;

  HttpRefusal(int status, Refusal refusal) {
    super(refusal.message());
    this.status = status;
    this.refusal = refusal;
  }

  int status() {
    return status;
  }

  Refusal refusal() {
    return refusal;
  }
}
