package io.coord.server.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coord.runner.json.JsonErrors;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.server.api.Caller;
import io.coord.server.cli.CommandLineRequest;
import io.coord.server.cli.CommandLineService;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;

/** Runs the command lines that clients send; the response is in frames. */
final class CommandLineEndpoint {
  private final ObjectMapper json = new ObjectMapper();
  private final CommandLineService commands;

  CommandLineEndpoint(CommandLineService commands) {
    this.commands = commands;
  }

  void run(Exchange exchange, Caller caller) throws IOException {
    CommandLineRequest line = read(exchange.body());
    exchange.response().setStatus(HttpStatus.OK_200);
    exchange.response().getHeaders().put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    try (OutputStream out = Content.Sink.asOutputStream(exchange.response())) {
      FrameOutput frames = new FrameOutput(out);
      int code = commands.run(line, caller, frames);
      if (!frames.needed()) {
        frames.exit(code);
      }
    }
    exchange.callback().succeeded();
  }

  private CommandLineRequest read(String body) {
    try {
      JsonNode node = json.readTree(body);
      return new CommandLineRequest(
          texts(node.path("argv")),
          node.path("cwd").asText(),
          node.path("columns").asInt(0),
          map(node.path("environment")),
          map(node.path("files")));
    } catch (JsonProcessingException e) {
      throw new HttpRefusal(
          HttpStatus.BAD_REQUEST_400,
          new Refusal(
              Refusal.Code.INVALID_REQUEST, "cannot read the request: " + JsonErrors.inWords(e)));
    }
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
}
