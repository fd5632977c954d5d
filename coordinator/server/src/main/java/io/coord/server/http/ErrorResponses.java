package io.coord.server.http;

import io.coord.scheduler.core.decision.Refusal;
import io.coord.server.api.Views;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The responses to requests that the HTTP server itself refuses, in the form of all others. */
final class ErrorResponses implements Request.Handler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    Refusal refusal =
        status >= HttpStatus.INTERNAL_SERVER_ERROR_500
                && status != HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505
            ? new Refusal(Refusal.Code.INTERNAL, ApiHandler.INTERNAL_ERROR)
            : new Refusal(Refusal.Code.INVALID_REQUEST, problem(status));
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Content.Sink.write(response, true, Views.of(refusal) + "\n", callback);
    return true;
  }

  private static String problem(int status) {
    return switch (status) {
      case 408 -> "the request did not arrive in time";
      case 413 -> "the request is too large";
      case 414 -> "the path of the request is too long";
      case 431 -> "the head of the request is too large";
      case 505 -> "this version of HTTP is not supported; use 1.0 or 1.1";
      default -> "the request is not valid HTTP";
    };
  }
}
