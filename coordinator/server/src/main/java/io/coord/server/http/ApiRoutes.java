package io.coord.server.http;

import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.server.api.Caller;
import io.coord.server.api.ControlService;
import io.coord.server.api.Coordinator;
import io.coord.server.api.DetailsService;
import io.coord.server.api.MachineViews;
import io.coord.server.api.StatusService;
import io.coord.server.api.StatusSummary;
import io.coord.server.api.Thermal;
import io.coord.server.api.VerifyViews;
import io.coord.server.api.Views;
import io.coord.server.cli.CommandLineService;
import io.coord.thermal.Headroom;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;

/** The endpoints: which method and path is answered by what. */
final class ApiRoutes {
  /** The endpoint of the command-line client; its refusals are plain text. */
  static final String COMMAND_LINE = "/v1/cli";

  private static final String EXPERIMENTS = "/v1/experiments";

  /** Answers one request; may block. */
  private interface Endpoint {
    void answer(Exchange exchange, Caller caller) throws IOException;
  }

  private final Coordinator coordinator;
  private final Map<String, Endpoint> endpoints;

  ApiRoutes(Coordinator coordinator, CommandLineService commands) {
    this.coordinator = coordinator;
    this.endpoints =
        Map.of(
            "POST " + COMMAND_LINE,
            new CommandLineEndpoint(commands)::run,
            "GET /v1/status",
            (exchange, caller) ->
                exchange.respond(200, Views.of(coordinator.status().overview().join())),
            "GET /v1/thermal",
            (exchange, caller) ->
                exchange.respond(
                    200, MachineViews.of(coordinator.machine().thermal(Thermal.PARTS).join())),
            "GET /v1/thermal/headroom",
            (exchange, caller) -> headroom(exchange),
            "GET /v1/power",
            (exchange, caller) ->
                exchange.respond(200, MachineViews.of(coordinator.machine().power().join())),
            "GET /v1/doctor",
            (exchange, caller) ->
                exchange.respond(200, MachineViews.of(coordinator.machine().doctor().join())),
            "GET /v1/verify",
            (exchange, caller) ->
                exchange.respond(200, VerifyViews.of(coordinator.machine().verify().join())),
            "GET " + EXPERIMENTS,
            (exchange, caller) ->
                exchange.respond(
                    200,
                    Views.of(
                        coordinator.status().list(StatusService.MOST_LISTED).join().experiments())),
            "POST " + EXPERIMENTS,
            this::enqueue);
  }

  /**
   * Answers one request; may block, for some as long as an experiment takes.
   *
   * @throws HttpRefusal if there is no such endpoint, or the request cannot be read
   */
  void answer(Exchange exchange, Caller caller) throws IOException {
    Endpoint endpoint = endpoints.get(exchange.method() + " " + exchange.path());
    if (endpoint != null) {
      endpoint.answer(exchange, caller);
    } else if (exchange.path().startsWith(EXPERIMENTS + "/")) {
      experiment(exchange, caller);
    } else {
      throw noSuchEndpoint(exchange, allowed(exchange.path()));
    }
  }

  /** The methods that a path has. */
  private List<String> allowed(String path) {
    return endpoints.keySet().stream()
        .filter(key -> key.endsWith(" " + path))
        .map(key -> key.substring(0, key.indexOf(' ')))
        .sorted()
        .toList();
  }

  private void headroom(Exchange exchange) {
    String text = exchange.parameter("seconds").orElse("30");
    if (!text.matches("\\d{1,2}") || Integer.parseInt(text) > Headroom.MAX_AHEAD.toSeconds()) {
      throw new HttpRefusal(
          HttpStatus.BAD_REQUEST_400,
          new Refusal(
              Refusal.Code.INVALID_REQUEST,
              "cannot forecast for '%s' seconds; use 0 to %d"
                  .formatted(text, Headroom.MAX_AHEAD.toSeconds())));
    }
    int seconds = Integer.parseInt(text);
    exchange.respond(
        HttpStatus.OK_200,
        MachineViews.headroom(
            seconds, coordinator.machine().headroom(Duration.ofSeconds(seconds)).join()));
  }

  private void enqueue(Exchange exchange, Caller caller) {
    RequestOutcome outcome =
        coordinator.enqueue().enqueue(exchange.body(), caller, exchange.parameter("as")).join();
    respond(exchange, HttpStatus.CREATED_201, outcome);
  }

  /** The endpoints of one experiment: its path, and below it a verb. */
  private void experiment(Exchange exchange, Caller caller) {
    String[] parts = exchange.path().substring(EXPERIMENTS.length() + 1).split("/", -1);
    if (parts.length == 1 && exchange.method().equals("GET")) {
      details(exchange, parts[0]);
    } else if (parts.length == 2 && exchange.method().equals("POST")) {
      ControlService.Verb verb = verb(parts[1]);
      respond(
          exchange, HttpStatus.OK_200, coordinator.control().apply(verb, parts[0], caller).join());
    } else {
      throw noSuchEndpoint(
          exchange,
          parts.length == 1 ? List.of("GET") : parts.length == 2 ? List.of("POST") : List.of());
    }
  }

  private void details(Exchange exchange, String id) {
    coordinator
        .details()
        .of(id, DetailsService.MOST_SHOWN)
        .join()
        .ifPresentOrElse(
            details -> exchange.respond(HttpStatus.OK_200, Views.of(details)),
            () -> exchange.refuse(coordinator.status().unknown("show", id)));
  }

  private static void respond(Exchange exchange, int status, RequestOutcome outcome) {
    if (outcome instanceof RequestOutcome.Refused refused) {
      exchange.refuse(refused.refusal());
    } else if (outcome instanceof RequestOutcome.Done done) {
      exchange.respond(
          status,
          Views.of(
              new StatusSummary.Shown(done.experiment(), done.experiment().status().reason())));
    } else {
      throw new IllegalStateException("no experiment in the outcome: " + outcome);
    }
  }

  private static ControlService.Verb verb(String word) {
    return Arrays.stream(ControlService.Verb.values())
        .filter(verb -> verb.word().equals(word))
        .findFirst()
        .orElseThrow(() -> notFound("no such action on an experiment: '" + word + "'"));
  }

  private static HttpRefusal noSuchEndpoint(Exchange exchange, List<String> allowed) {
    if (!allowed.isEmpty()) {
      String methods = String.join(", ", allowed);
      exchange.response().getHeaders().put(HttpHeader.ALLOW, methods);
      return new HttpRefusal(
          HttpStatus.METHOD_NOT_ALLOWED_405,
          new Refusal(
              Refusal.Code.NO_SUCH_ENDPOINT,
              exchange.path() + " has no method " + exchange.method() + "; use " + methods));
    }
    return notFound("no such endpoint: " + exchange.method() + " " + exchange.path());
  }

  private static HttpRefusal notFound(String message) {
    return new HttpRefusal(
        HttpStatus.NOT_FOUND_404, new Refusal(Refusal.Code.NO_SUCH_ENDPOINT, message));
  }
}
