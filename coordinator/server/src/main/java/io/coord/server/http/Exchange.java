package io.coord.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.coord.runner.json.SpecReader;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.server.api.Caller;
import io.coord.server.api.RefusalStatus;
import io.coord.server.api.Views;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** One request and the response to it. */
record Exchange(Request request, Response response, Callback callback) {

  /** A request may be part of a command line, where it is quoted and escaped once more. */
  private static final int MAX_BODY_BYTES = 2 * SpecReader.MAX_REQUEST_BYTES;

  String method() {
    return request.getMethod();
  }

  String path() {
    return Request.getPathInContext(request);
  }

  Caller caller(Callers callers) {
    return callers.of(request);
  }

  /** A parameter of the query; empty if it is not given. */
  Optional<String> parameter(String name) {
    return Optional.ofNullable(Request.extractQueryParameters(request).getValue(name));
  }

  /**
   * The body as text.
   *
   * @throws HttpRefusal if it is too large
   */
  String body() throws IOException {
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] bytes = in.readNBytes(MAX_BODY_BYTES + 1);
      if (bytes.length > MAX_BODY_BYTES) {
        throw new HttpRefusal(
            HttpStatus.PAYLOAD_TOO_LARGE_413,
            new Refusal(
                Refusal.Code.REQUEST_TOO_LARGE,
                "the request is larger than " + MAX_BODY_BYTES + " bytes"));
      }
      return new String(bytes, StandardCharsets.UTF_8);
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
