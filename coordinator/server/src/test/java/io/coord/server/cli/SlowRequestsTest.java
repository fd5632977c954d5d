package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.server.http.ApiServer;
import io.coord.server.http.Callers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that do not arrive, or only in part, cost nobody else anything. */
class SlowRequestsTest extends CommandLines {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final String POST =
      "POST /v1/experiments HTTP/1.0\r\nHost: coord\r\nContent-Length: ";

  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<ApiServer> servers = new ArrayList<>();
  private Path socket;

  @BeforeEach
  void place(@TempDir Path folder) {
    socket = folder.resolve("s");
  }

  @AfterEach
  void close() throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    servers.forEach(ApiServer::close);
  }

  private void listen(Duration head, Duration body) throws IOException {
    servers.add(
        ApiServer.listen(
            socket,
            PosixFilePermissions.fromString("rw-------"),
            new ApiServer.Service(
                coordinator,
                service,
                new Callers(System.getProperty("user.name")),
                new ApiServer.Deadlines(head, body))));
  }

  private SocketChannel send(String text) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    channels.add(channel);
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    return channel;
  }

  /** What comes until the connection is closed; a request that was not read whole resets it. */
  private static String answer(SocketChannel channel) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    InputStream in = Channels.newInputStream(channel);
    try {
      in.transferTo(answer);
    } catch (SocketException e) {
      assertThat(e).hasMessage("Connection reset");
    }
    return answer.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aConnectionWithoutARequestIsClosed() throws Exception {
    listen(SHORT, LONG);

    assertThat(answer(send(""))).isEmpty();
    assertThat(answer(send("GET /v1/sta"))).isEmpty();
    assertThat(answer(send("GET /v1/status HTTP/1.0\r\nHost: coord\r\n\r\n")))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aBodyThatDoesNotArriveIsRefused() throws Exception {
    listen(LONG, SHORT);

    assertThat(answer(send(POST + "100000\r\n\r\n{")))
        .startsWith("HTTP/1.1 408 ")
        .contains("did not arrive within");
  }

  @Test
  void openBodiesHoldNoThreadAndBlockNoOtherBody() throws Exception {
    listen(LONG, LONG);
    for (int i = 0; i < 200; i++) {
      send(POST + "10000\r\n\r\n{");
    }
    send(POST + "900000\r\n\r\n{");

    String spec = "{\"command\":[\"true\"],\"id\":\"x\",\"label\":\"" + "y".repeat(70_000) + "\"}";
    assertThat(answer(send(POST + spec.length() + "\r\n\r\n" + spec))).contains("HTTP/1.1 4");
    assertThat(answer(send("GET /v1/status HTTP/1.0\r\nHost: coord\r\n\r\n")))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws Exception {
    listen(LONG, LONG);

    assertThat(answer(send(POST + "3000000\r\n\r\n{"))).startsWith("HTTP/1.1 413 ");
    String chunk = "186A0\r\n" + "x".repeat(100_000) + "\r\n";
    assertThat(
            answer(
                send(
                    "POST /v1/experiments HTTP/1.1\r\nHost: coord\r\nConnection: close\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + chunk.repeat(30)
                        + "0\r\n\r\n")))
        .startsWith("HTTP/1.1 413 ");
  }
}
