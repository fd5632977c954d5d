package io.coord.selftest.harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.coord.thermal.ZoneSelection;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client of the API on the socket of the coordinator. */
public final class ApiClient {
  private static final int LIMIT_SECONDS = 10;

  private final Path socket;
  private final ObjectMapper json = new ObjectMapper();

  public ApiClient(Path socket) {
    this.socket = socket;
  }

  /** The last cycle that was reported, of how many. */
  public record Cycle(OptionalInt number, OptionalInt of) {}

  /** One experiment in the list. */
  public record Seen(
      String id,
      String state,
      String reason,
      int runs,
      int crashes,
      int interruptions,
      Cycle cycle,
      String since) {
    public boolean isOver() {
      return state.equals("completed") || state.equals("failed") || state.equals("stopped");
    }
  }

  /** One activation. */
  public record Run(
      int number,
      String invocation,
      Instant startedAt,
      Optional<Instant> endedAt,
      String end,
      String cause,
      String detail,
      OptionalLong memoryPeakBytes) {}

  public record Transition(String from, String to, Instant at, String reason) {}

  /** All about one experiment. */
  public record Details(Seen seen, Path output, List<Run> runs, List<Transition> transitions) {}

  /** The overall status. */
  public record Status(
      int slotsTaken,
      long reservedRamBytes,
      String heat,
      Instant heatSince,
      String heatReason,
      OptionalDouble hottest,
      int zonesOffline) {}

  public List<Seen> list() throws InterruptedException {
    List<Seen> all = new ArrayList<>();
    get("/v1/experiments").forEach(node -> all.add(seen(node)));
    return all;
  }

  /**
   * All about one experiment.
   *
   * @throws HarnessException if there never was one of that id
   */
  public Details details(String id) throws InterruptedException {
    return find(id)
        .orElseThrow(() -> new HarnessException("the coordinator has no experiment '" + id + "'"));
  }

  /** All about one experiment; empty if there never was one of that id. */
  public Optional<Details> find(String id) throws InterruptedException {
    JsonNode node = get("/v1/experiments/" + id);
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    List<Run> runs = new ArrayList<>();
    node.path("run_list").forEach(run -> runs.add(run(run)));
    List<Transition> transitions = new ArrayList<>();
    for (JsonNode one : node.path("transitions")) {
      transitions.add(
          new Transition(
              one.path("from").asText(),
              one.path("to").asText(),
              Instant.parse(one.path("at").asText()),
              one.path("reason").asText()));
    }
    return Optional.of(
        new Details(seen(node), Path.of(node.path("output").asText()), runs, transitions));
  }

  public Status status() throws InterruptedException {
    JsonNode node = get("/v1/status");
    JsonNode thermal = node.path("thermal");
    OptionalDouble hottest = OptionalDouble.empty();
    int offline = 0;
    for (JsonNode zone : thermal.path("zones")) {
      JsonNode celsius = zone.path("celsius");
      if (!celsius.isNumber()) {
        offline++;
      } else if (ZoneSelection.decides(zone.path("type").asText())) {
        hottest = OptionalDouble.of(Math.max(hottest.orElse(-300), celsius.asDouble()));
      }
    }
    return new Status(
        node.path("slots_taken").asInt(),
        node.path("reserved_ram_bytes").asLong(),
        thermal.path("state").asText(),
        Instant.parse(thermal.path("since").asText()),
        thermal.path("reason").asText(),
        hottest,
        offline);
  }

  private static Seen seen(JsonNode node) {
    return new Seen(
        node.path("id").asText(),
        node.path("state").asText(),
        node.path("reason").asText(),
        node.path("runs").asInt(),
        node.path("crashes").asInt(),
        node.path("interruptions").asInt(),
        new Cycle(whole(node.path("cycle")), whole(node.path("of"))),
        node.path("since").asText());
  }

  private static Run run(JsonNode node) {
    JsonNode peak = node.path("memory_peak_bytes");
    JsonNode ended = node.path("ended_at");
    return new Run(
        node.path("number").asInt(),
        node.path("invocation").asText(),
        Instant.parse(node.path("started_at").asText()),
        ended.isTextual() ? Optional.of(Instant.parse(ended.asText())) : Optional.empty(),
        node.path("end").asText(""),
        node.path("cause").asText(""),
        node.path("detail").asText(""),
        peak.isNumber() ? OptionalLong.of(peak.asLong()) : OptionalLong.empty());
  }

  private static OptionalInt whole(JsonNode node) {
    return node.isNumber() ? OptionalInt.of(node.asInt()) : OptionalInt.empty();
  }

  /** Missing if the coordinator answers with 404. */
  private JsonNode get(String path) throws InterruptedException {
    try {
      // On a thread of its own, as a Unix socket's channel knows no time limit.
      String body =
          CompletableFuture.supplyAsync(() -> ask(path)).get(LIMIT_SECONDS, TimeUnit.SECONDS);
      return body.isEmpty() ? MissingNode.getInstance() : json.readTree(body);
    } catch (ExecutionException e) {
      throw new HarnessException("the coordinator does not answer GET " + path, e);
    } catch (TimeoutException e) {
      throw new HarnessException(
          "the coordinator did not answer GET " + path + " within " + LIMIT_SECONDS + " s");
    } catch (IOException e) {
      throw new HarnessException("the coordinator's answer to GET " + path + " is not JSON", e);
    }
  }

  /** HTTP/1.0: the answer ends where the connection does. Empty for a 404. */
  private String ask(String path) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      ByteBuffer request =
          ByteBuffer.wrap(
              ("GET " + path + " HTTP/1.0\r\nHost: coord\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      while (request.hasRemaining()) {
        channel.write(request);
      }
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      if (answer.startsWith("HTTP/1.") && answer.startsWith(" 404", 8)) {
        return "";
      }
      int head = answer.indexOf("\r\n\r\n");
      if (head < 0 || !answer.startsWith("HTTP/1.") || !answer.startsWith(" 200", 8)) {
        throw new IOException(
            "the answer is '" + answer.lines().findFirst().orElse("nothing") + "'");
      }
      return answer.substring(head + 4);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
