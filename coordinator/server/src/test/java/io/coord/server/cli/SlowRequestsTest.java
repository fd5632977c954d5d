package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Requests that do not arrive, or only in part, cost nobody else anything. */
class SlowRequestsTest extends SocketRequests {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final String POST =
      "POST /v1/experiments HTTP/1.0\r\nHost: coord\r\nContent-Length: ";

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

  @Test
  void aLargeRequestThatWaitsBlocksNoOtherLargeOne() throws Exception {
    listen(LONG, LONG);
    String cli = "POST /v1/cli HTTP/1.0\r\nHost: coord\r\nContent-Length: ";
    String pad = "y".repeat(70_000);
    coord("drain");
    coord("enqueue", "--id", "x", "--", "true");
    String wait =
        "{\"argv\":[\"wait\",\"x\"],\"cwd\":\"/\",\"environment\":{\"P\":\"" + pad + "\"}}";
    // It waits once its answer begins.
    assertThat(send(cli + wait.length() + "\r\n\r\n" + wait).read(ByteBuffer.allocate(1))).isOne();

    String list = "{\"argv\":[\"list\"],\"cwd\":\"/\",\"environment\":{\"P\":\"" + pad + "\"}}";
    assertThat(answer(send(cli + list.length() + "\r\n\r\n" + list)))
        .startsWith("HTTP/1.1 200 ")
        .contains("x   queued");
  }
}
