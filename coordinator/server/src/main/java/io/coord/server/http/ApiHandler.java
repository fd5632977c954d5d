package io.coord.server.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coord.runner.json.SpecReader;
import io.coord.scheduler.core.decision.Answer;
import io.coord.server.api.Caller;
import io.coord.server.api.ControlService;
import io.coord.server.api.Coordinator;
import io.coord.server.api.EnqueueResult;
import io.coord.server.api.ExperimentLookup;
import io.coord.server.api.MachineViews;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Thermal;
import io.coord.server.api.VerifyViews;
import io.coord.server.api.Views;
import io.coord.server.cli.CommandLineRequest;
import io.coord.server.cli.CommandLineService;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes requests. Each has a thread of its own, as some wait for hours and the server has few
 * threads.
 */
final class ApiHandler extends Handler.Abstract implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);

  /** Requests in progress, those that wait and follow included; more are refused. */
  private static final int CONCURRENT_REQUESTS = 128;

  /** A request may be part of a command line, where it is quoted and escaped once more. */
  private static final int MAX_BODY_BYTES = 2 * SpecReader.MAX_REQUEST_BYTES;

  /**
   * A larger body waits for its turn: read, parsed and written again it takes ten times its size,
   * and many of them at once would fill the heap.
   */
  private static final int LARGE_BODY_BYTES = 64 * 1024;

  private final Semaphore largeBodies = new Semaphore(1);

  private static final String EXPERIMENTS = "/v1/experiments";
  private static final String COMMAND_LINE = "/v1/cli";

  private final ObjectMapper json = new ObjectMapper();
  private final Coordinator coordinator;
  private final CommandLineService commands;
  private final Callers callers;
  private final ExecutorService workers =
      new ThreadPoolExecutor(
          0,
          CONCURRENT_REQUESTS,
          30,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          work -> {
            Thread thread = new Thread(work, "request");
            thread.setDaemon(true);
            return thread;
          });

  ApiHandler(Coordinator coordinator, CommandLineService commands, Callers callers) {
    this.coordinator = coordinator;
    this.commands = commands;
    this.callers = callers;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    try {
      workers.execute(() -> answer(request, response, callback));
    } catch (RejectedExecutionException e) {
      refuse(
          response,
          callback,
          HttpStatus.SERVICE_UNAVAILABLE_503,
          Answer.Kind.NOT_NOW,
          "too many requests: " + CONCURRENT_REQUESTS + " in progress; try again");
    }
    return true;
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }

  private void answer(Request request, Response response, Callback callback) {
    boolean large = request.getLength() > LARGE_BODY_BYTES || isOfUnknownLength(request);
    try {
      if (large) {
        largeBodies.acquire();
      }
      try {
        route(request, response, callback);
      } finally {
        if (large) {
          largeBodies.release();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      callback.failed(e);
    } catch (BadRequest e) {
      String why = String.valueOf(e.getMessage());
      if (Request.getPathInContext(request).equals(COMMAND_LINE)) {
        // The client prints the text as it is.
        response.setStatus(e.status);
        Content.Sink.write(response, true, "coord: " + why + "\n", callback);
      } else {
        refuse(response, callback, e.status, Answer.Kind.USER, why);
      }
    } catch (UncheckedIOException | IOException e) {
      LOG.debug("the caller has disconnected", e);
      callback.failed(e);
    } catch (RuntimeException e) {
      LOG.error("request {} {} failed", request.getMethod(), request.getHttpURI(), e);
      if (response.isCommitted()) {
        callback.failed(e);
      } else {
        write(
            response,
            callback,
            HttpStatus.INTERNAL_SERVER_ERROR_500,
            Views.refusal(Answer.Kind.NOT_NOW, "internal error: " + e, List.of()));
      }
    }
  }

  private static boolean isOfUnknownLength(Request request) {
    return request.getLength() < 0
        && request.getMethod().equals("POST")
        && request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
  }

  private void route(Request request, Response response, Callback callback) throws IOException {
    Caller caller = callers.of(request);
    String path = Request.getPathInContext(request);
    String method = request.getMethod();
    String target = method + " " + path;
    if (target.equals("POST " + COMMAND_LINE)) {
      commandLine(request, response, callback, caller);
    } else if (target.equals("GET /v1/status")) {
      write(response, callback, 200, Views.of(coordinator.status().overview().join()));
    } else if (target.equals("GET /v1/thermal")) {
      Thermal thermal = coordinator.machine().thermal(Thermal.PARTS).join();
      write(response, callback, 200, MachineViews.of(thermal));
    } else if (target.equals("GET /v1/power")) {
      write(response, callback, 200, MachineViews.of(coordinator.machine().power().join()));
    } else if (target.equals("GET /v1/doctor")) {
      write(response, callback, 200, MachineViews.of(coordinator.machine().doctor().join()));
    } else if (target.equals("GET /v1/verify")) {
      write(response, callback, 200, VerifyViews.of(coordinator.machine().verify().join()));
    } else if (target.equals("GET " + EXPERIMENTS)) {
      write(response, callback, 200, Views.of(coordinator.status().list().join()));
    } else if (target.equals("POST " + EXPERIMENTS)) {
      enqueue(request, response, callback, caller);
    } else if (path.startsWith(EXPERIMENTS + "/")) {
      String[] parts = path.substring(EXPERIMENTS.length() + 1).split("/", -1);
      if (parts.length == 1 && method.equals("GET")) {
        details(parts[0], response, callback);
      } else if (parts.length == 2 && method.equals("POST")) {
        ask(verb(parts[1]), parts[0], response, callback, caller);
      } else {
        throw new BadRequest(HttpStatus.NOT_FOUND_404, "no such endpoint: " + target);
      }
    } else {
      throw new BadRequest(HttpStatus.NOT_FOUND_404, "no such endpoint: " + target);
    }
  }

  private static ControlService.Verb verb(String word) {
    for (ControlService.Verb verb : ControlService.Verb.values()) {
      if (verb.word().equals(word)) {
        return verb;
      }
    }
    throw new BadRequest(
        HttpStatus.NOT_FOUND_404, "no such action on an experiment: '" + word + "'");
  }

  private void enqueue(Request request, Response response, Callback callback, Caller caller)
      throws IOException {
    Optional<String> as =
        Optional.ofNullable(Request.extractQueryParameters(request).getValue("as"));
    EnqueueResult result = coordinator.enqueue().enqueue(body(request), caller, as).join();
    if (result instanceof EnqueueResult.Accepted accepted) {
      StatusSummary.Shown shown =
          new StatusSummary.Shown(accepted.experiment(), accepted.experiment().status().reason());
      write(response, callback, HttpStatus.CREATED_201, Views.of(shown));
    } else if (result instanceof EnqueueResult.Refused refused) {
      write(
          response,
          callback,
          status(refused.kind()),
          Views.refusal(refused.kind(), refused.why(), refused.faults()));
    }
  }

  private void details(String id, Response response, Callback callback) {
    coordinator
        .details()
        .of(id)
        .join()
        .ifPresentOrElse(
            details -> write(response, callback, 200, Views.of(details)),
            () -> {
              Answer.Refused unknown = ExperimentLookup.unknown("show", id);
              refuse(response, callback, status(unknown.kind()), unknown.kind(), unknown.why());
            });
  }

  private void ask(
      ControlService.Verb verb, String id, Response response, Callback callback, Caller caller) {
    Answer answer = coordinator.control().apply(verb, id, caller).join();
    if (answer instanceof Answer.Refused refused) {
      refuse(response, callback, status(refused.kind()), refused.kind(), refused.why());
    } else if (answer instanceof Answer.Done done) {
      StatusSummary.Shown shown =
          new StatusSummary.Shown(done.experiment(), done.experiment().status().reason());
      write(response, callback, 200, Views.of(shown));
    }
  }

  private void commandLine(Request request, Response response, Callback callback, Caller caller)
      throws IOException {
    CommandLineRequest line;
    try {
      JsonNode body = json.readTree(body(request));
      line =
          new CommandLineRequest(
              texts(body.path("argv")),
              body.path("cwd").asText(),
              body.path("columns").asInt(0),
              map(body.path("environment")),
              map(body.path("files")));
    } catch (JsonProcessingException e) {
      throw new BadRequest(
          HttpStatus.BAD_REQUEST_400, "invalid request: " + e.getOriginalMessage());
    }
    response.setStatus(HttpStatus.OK_200);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    try (OutputStream out = Content.Sink.asOutputStream(response)) {
      FrameOutput frames = new FrameOutput(out);
      int code = commands.run(line, caller, frames);
      if (!frames.needed()) {
        frames.exit(code);
      }
    }
    callback.succeeded();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  private static Map<String, String> map(JsonNode object) {
    Map<String, String> map = new LinkedHashMap<>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
    return map;
  }

  private static String body(Request request) throws IOException {
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] bytes = in.readNBytes(MAX_BODY_BYTES + 1);
      if (bytes.length > MAX_BODY_BYTES) {
        throw new BadRequest(
            HttpStatus.PAYLOAD_TOO_LARGE_413,
            "the request is larger than " + MAX_BODY_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private static int status(Answer.Kind kind) {
    return switch (kind) {
      case USER -> HttpStatus.BAD_REQUEST_400;
      case UNKNOWN_ID -> HttpStatus.NOT_FOUND_404;
      case NOT_NOW -> HttpStatus.SERVICE_UNAVAILABLE_503;
    };
  }

  private void refuse(
      Response response, Callback callback, int status, Answer.Kind kind, String why) {
    write(response, callback, status, Views.refusal(kind, why, List.of()));
  }

  private void write(Response response, Callback callback, int status, JsonNode body) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Content.Sink.write(response, true, body.toString() + "\n", callback);
  }

  private static final class BadRequest extends RuntimeException {
    private final int status;

    BadRequest(int status, String message) {
      super(message);
      this.status = status;
    }
  }
}
