package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever bytes arrive at the socket, each answer is a JSON refusal that names the fault, or the
 * connection is closed; the log has no exception, and the next request is answered.
 */
class HttpFuzzTest extends SocketRequests {
  /** Seconds in the build; {@code -Dmutations=1000000} for a night. */
  private static final int MUTATIONS = Integer.getInteger("mutations", 600);

  /** More than anything here may need: the server keeps at most a head or a body of each. */
  private static final long MAX_GROWTH_BYTES = 16L << 20;

  /** What a head may have, and what the socket holds of it. */
  private static final long MAX_TAKEN_BYTES = 1L << 20;

  /** The daemon's {@code Logging} turns these off. */
  private static final List<String> SILENCED =
      List.of(
          "org.eclipse.jetty.http.HttpParser",
          "org.eclipse.jetty.util.HostPort",
          "org.eclipse.jetty.util.thread.SerializedInvoker");

  private static final String WELL_FORMED =
      "GET /v1/status HTTP/1.1\r\nHost: coord\r\nConnection: close\r\n\r\n";

  private static final List<String> REQUESTS =
      Stream.of(
              "GET /v1/status HTTP/1.1|Host: coord||",
              "GET /v1/experiments/x HTTP/1.0|Host: coord|Accept: */*||",
              "HEAD /v1/status HTTP/1.1|Host: coord||",
              "POST /v1/experiments HTTP/1.1|Host: coord|Content-Length: 14||{'command':[]}",
              "POST /v1/experiments?as=ada HTTP/1.1|Host: coord|Transfer-Encoding: chunked||"
                  + "7;x='y'|{'comma|7|nd':[]}|0|X-Trailer: 1||",
              "POST /v1/cli HTTP/1.1|Host: coord|Content-Length: 24||{'argv':['no-such-verb']}",
              "POST /v1/experiments/x/stop HTTP/1.1|Host: coord|Content-Length: 0||",
              "GET /v1/thermal HTTP/1.1|Host: coord||GET /v1/power HTTP/1.1|Host: coord||")
          .map(request -> request.replace("|", "\r\n").replace('\'', '"'))
          .toList();

  private static final List<String> SPLINTERS =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\r\n\r\n",
          "\r\n folded",
          "\r\n\tfolded: x",
          "\0",
          "\u001b[2J",
          "ü",
          " ",
          ":",
          ";",
          "%",
          "%00",
          "%2e%2e/",
          "%zz",
          "/../",
          "//",
          "?",
          "#",
          "*",
          "HTTP/0.9",
          "HTTP/2.0",
          "HTTP/9.9",
          "http://elsewhere/v1/status",
          "CONNECT a:1 HTTP/1.1\r\n\r\n",
          "TRACE / HTTP/1.1\r\nHost: coord\r\n\r\n",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "\r\nContent-Length: 5",
          "\r\nContent-Length: -1",
          "\r\nContent-Length: 99999999999999999999",
          "\r\nContent-Length: 5, 6",
          "\r\nContent-Length: +5",
          "\r\nContent-Length: 4000000",
          "\r\nTransfer-Encoding: chunked",
          "\r\nTransfer-Encoding: gzip, chunked",
          "\r\nTransfer-Encoding: identity",
          "\r\nTransfer-Encoding : chunked",
          "\r\nExpect: 100-continue",
          "\r\nExpect: something",
          "\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x",
          "\r\nConnection: close",
          "\r\nHost: a\r\nHost: b",
          "\r\nHost: [::",
          "\r\nContent-Type: multipart/form-data; boundary=",
          "\r\nCookie: a=\"",
          "\r\nFFFFFFFFFFFFFFFFF\r\n",
          "\r\n-5\r\n",
          "0\r\n\r\n",
          "x".repeat(10_000),
          "a=" + "b&a=".repeat(1500));

  private final ObjectMapper json = new ObjectMapper();
  private final Logger root = Logger.getLogger("");
  private final List<LogRecord> logged = new ArrayList<>();
  private final Handler listening =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          boolean fault =
              entry.getLevel().intValue() >= Level.WARNING.intValue() || entry.getThrown() != null;
          if (fault && !SILENCED.contains(entry.getLoggerName())) {
            synchronized (logged) {
              logged.add(entry);
            }
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listenToTheLog() throws IOException {
    root.addHandler(listening);
    listen(LONG, LONG);
  }

  @AfterEach
  void theLogHasNoFault() {
    root.removeHandler(listening);
    synchronized (logged) {
      assertThat(logged)
          .extracting(entry -> entry.getLoggerName() + ": " + entry.getMessage())
          .isEmpty();
    }
  }

  @Test
  void everyMutationIsAnsweredOrClosed() throws Exception {
    Random random = new Random(12);
    answers(WELL_FORMED);
    long before = usedBytes();
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      String sent = mutate(REQUESTS.get(random.nextInt(REQUESTS.size())), random);
      if (random.nextInt(8) == 0) {
        leaveEarly(sent, random);
        continue;
      }
      try {
        refused += check(exchange(sent));
      } catch (AssertionError | IOException e) {
        throw new AssertionError("mutation " + i + ": " + sent, e);
      }
      if (i % 50 == 0) {
        answers(WELL_FORMED);
      }
    }
    answers(WELL_FORMED);
    // Else the mutations are so tame that they test nothing.
    assertThat(refused).isGreaterThan(MUTATIONS / 10);
    assertThat(usedBytes() - before).isLessThan(MAX_GROWTH_BYTES);
  }

  @Test
  void whatHasNoEndIsRefusedBeforeItFillsMemory() throws Exception {
    answers(WELL_FORMED);
    long before = usedBytes();
    for (String endless :
        List.of(
            "GET /" + "x".repeat(1000),
            "x".repeat(1000),
            "GET /v1/status HTTP/1.1\r\nHost: coord\r\nX: " + "y".repeat(1000),
            "GET /v1/status HTTP/1.1\r\nHost: coord\r\n" + "X: y\r\n".repeat(100),
            "GET /v1/status HTTP/1.1\r\nHost: coord\r\nX: y\r\n" + " z\r\n".repeat(100))) {
      String end = endless.substring(endless.length() - 300);
      assertThat(bytesTaken(endless, end)).as(endless.substring(0, 60)).isLessThan(MAX_TAKEN_BYTES);
    }
    assertThat(usedBytes() - before).isLessThan(MAX_GROWTH_BYTES);
    answers(WELL_FORMED);
  }

  @Test
  void aRefusalNamesTheFault() throws Exception {
    String head = "GET /v1/status HTTP/1.1\r\nHost: coord\r\n";

    assertThat(exchange(head + "X: " + "y".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ")
        .contains("the head of the request is too large");
    assertThat(exchange("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: coord\r\n\r\n"))
        .startsWith("HTTP/1.1 414 ")
        .contains("the path of the request is too long");
    assertThat(exchange("GET /v1/status HTTP/3.7\r\n\r\n"))
        .startsWith("HTTP/1.1 505 ")
        .contains("this version of HTTP is not supported");
    assertThat(exchange("POST /v1/experiments?as=%zz HTTP/1.1\r\nHost: coord\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .contains("cannot read the query of the request");
    for (String wrong :
        List.of(
            head + "X y\r\n\r\n",
            head + "X: a\0b\r\n\r\n",
            head + "X: a\r\n folded\r\n\r\n",
            head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\n\r\n",
            "\0\0\0\0\r\n\r\n")) {
      assertThat(exchange(wrong))
          .as(wrong)
          .startsWith("HTTP/1.1 400 ")
          .contains("the request is not valid HTTP");
    }
  }

  private void answers(String request) throws IOException {
    assertThat(exchange(request)).startsWith("HTTP/1.1 200 ").contains("\"slots\"");
  }

  /** Sends all and says that no more comes; the server may have closed before. */
  private String exchange(String sent) throws IOException {
    try (SocketChannel channel = connect()) {
      try {
        write(channel, sent);
        channel.shutdownOutput();
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
      }
      return answer(channel);
    }
  }

  /** Closes in the middle of a request, or of its answer. */
  private void leaveEarly(String sent, Random random) throws IOException {
    try (SocketChannel channel = connect()) {
      write(channel, sent.substring(0, random.nextInt(sent.length() + 1)));
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
    }
  }

  /** How many bytes the server takes until it closes the connection. */
  private long bytesTaken(String start, String more) throws IOException {
    long taken = start.length();
    try (SocketChannel channel = connect()) {
      write(channel, start);
      while (taken < 4 * MAX_TAKEN_BYTES) {
        write(channel, more);
        taken += more.length();
      }
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
    }
    return taken;
  }

  private static void write(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) [^\r]*\r\n");
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\nContent-Length: (\\d+)\r\n");

  /** Checks all answers of a connection, and returns how many of them are refusals. */
  private int check(String answers) throws IOException {
    int refused = 0;
    // One character for each byte, as lengths are in bytes.
    String rest = new String(answers.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    while (!rest.isEmpty()) {
      Matcher status = STATUS.matcher(rest);
      assertThat(status.lookingAt()).as(rest).isTrue();
      int code = Integer.parseInt(status.group(1));
      int end = rest.indexOf("\r\n\r\n");
      assertThat(end).as(rest).isPositive();
      String head = rest.substring(0, end + 2);
      rest = rest.substring(end + 4);
      if (code == 100) {
        continue;
      }
      Matcher length = LENGTH.matcher(head);
      int size = length.find() ? Integer.parseInt(length.group(1)) : rest.length();
      // The answer to HEAD has a length and no body.
      size = rest.startsWith("HTTP/1.1 ") || rest.isEmpty() ? 0 : size;
      String bytes = rest.substring(0, Math.min(size, rest.length()));
      String body = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      rest = rest.substring(bytes.length());
      if (code >= 400) {
        refused++;
        assertThat(code).as(head + body).isIn(400, 404, 405, 408, 413, 414, 417, 431, 501, 505);
        if (!body.isEmpty()) {
          checkRefusal(head, body);
        }
      } else {
        assertThat(code).as(head).isIn(200, 201);
      }
    }
    return refused;
  }

  private void checkRefusal(String head, String body) throws IOException {
    if (body.startsWith("coord: ")) {
      return;
    }
    assertThat(head).contains("Content-Type: application/json");
    JsonNode refusal = json.readTree(body);
    assertThat(refusal.path("error").asText()).as(body).isNotBlank();
    assertThat(refusal.path("error").asText().codePoints().filter(Character::isISOControl))
        .as(body)
        .isEmpty();
    assertThat(refusal.path("kind").asText()).as(body).isIn("user", "unknown_id");
  }

  private static String mutate(String text, Random random) {
    StringBuilder mutated = new StringBuilder(text);
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = random.nextInt(mutated.length());
      int end = Math.min(mutated.length(), at + random.nextInt(12));
      switch (random.nextInt(6)) {
        case 0 -> mutated.delete(at, end);
        case 1 -> mutated.insert(at, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
        case 2 -> mutated.replace(at, end, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
        case 3 -> mutated.insert(random.nextInt(mutated.length()), mutated.substring(at, end));
        case 4 -> mutated.setCharAt(at, (char) random.nextInt(256));
        default -> {
          // In the head, where most of the rules are.
          int line = mutated.indexOf("\r\n");
          mutated.insert(Math.max(0, line), SPLINTERS.get(random.nextInt(SPLINTERS.size())));
        }
      }
      if (mutated.isEmpty()) {
        mutated.append(text);
      }
    }
    return mutated.toString();
  }

  private static long usedBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
