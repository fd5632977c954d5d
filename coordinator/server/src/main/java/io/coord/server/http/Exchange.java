package io.coord.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.json.SpecReader;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.server.api.Caller;
import io.coord.server.api.RefusalStatus;
import io.coord.server.api.Views;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * One request and the response to it.
 *
 * @param caller who sent it
 * @param body its text; empty if it has none
 */
record Exchange(Request request, Response response, Callback callback, Caller caller, String body) {

  /** A request may be part of a command line, where it is quoted and escaped once more. */
  static final int MAX_BODY_BYTES = 2 * SpecReader.MAX_REQUEST_BYTES;

  static Refusal tooLarge() {
    return new Refusal(
        Refusal.Code.REQUEST_TOO_LARGE, "the request is larger than " + MAX_BODY_BYTES + " bytes");
  }

  /** The same with another callback. */
  Exchange with(Callback other) {
    return new Exchange(request, response, other, caller, body);
  }

  /** The same with another response. */
  Exchange with(Response other) {
    return new Exchange(request, other, callback, caller, body);
  }

  /** The same with its body. */
  Exchange with(String text) {
    return new Exchange(request, response, callback, caller, text);
  }

  String method() {
    return request.getMethod();
  }

  String path() {
    return Request.getPathInContext(request);
  }

  /**
   * A parameter of the query; empty if it is not given.
   *
   * @throws HttpRefusal if the query cannot be decoded
   */
  Optional<String> parameter(String name) {
    try {
      return Optional.ofNullable(Request.extractQueryParameters(request).getValue(name));
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new HttpRefusal(
          HttpStatus.BAD_REQUEST_400,
          new Refusal(
              Refusal.Code.INVALID_REQUEST,
              "cannot read the query of the request; write each special character as % and two"
                  + " hexadecimal digits"));
    }
  }

  /** Responds with JSON. */
  void respond(int status, JsonNode body) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Content.Sink.write(response, true, body.toString() + "\n", callback);
  }

  /** Responds with a refusal. */
  void refuse(Refusal refusal) {
    refuse(RefusalStatus.of(refusal.kind()).httpStatus(), refusal);
  }

  /** Responds with a refusal that has an HTTP status of its own. */
  void refuse(int status, Refusal refusal) {
    respond(status, Views.of(refusal));
  }

  /** Responds with a line for standard error, which the client prints as it is. */
  void refuseAsText(int status, Refusal refusal) {
    response.setStatus(status);
    Content.Sink.write(response, true, "coord: " + refusal.message() + "\n", callback);
  }
}
