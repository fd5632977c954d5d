package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.server.api.Caller;
import io.coord.server.api.RefusalStatus;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** One refusal has one code, whether it is read over HTTP or from the command line. */
class RefusalTest extends SocketRequests {

  /** These numbers are what scripts rely on. */
  @ParameterizedTest
  @CsvSource({"USER, 2, 400", "UNKNOWN_ID, 2, 404", "NOT_NOW, 75, 503", "INTERNAL, 70, 500"})
  void theKindGivesExitCodeAndStatus(Refusal.Kind kind, int exitCode, int httpStatus) {
    assertThat(RefusalStatus.of(kind)).isEqualTo(new RefusalStatus(exitCode, httpStatus));
  }

  @ParameterizedTest
  @EnumSource(Refusal.Code.class)
  void codesAreWords(Refusal.Code code) {
    assertThat(code.word()).matches("[a-z]+(-[a-z]+)*");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /v1/experiments/nobody|404|unknown-id|unknown_id",
        "POST /v1/experiments/nobody/stop|404|unknown-id|unknown_id",
        "POST /v1/experiments/x/explode|404|no-such-endpoint|user",
        "GET /v1/nothing|404|no-such-endpoint|user",
        "DELETE /v1/status|405|no-such-endpoint|user",
        "PUT /v1/experiments|405|no-such-endpoint|user",
        "GET /v1/experiments/x/stop|405|no-such-endpoint|user",
        "GET /v1/%zz|400|invalid-request|user",
        "GET /v1/thermal/headroom?seconds=61|400|invalid-request|user",
        "GET /v1/thermal/headroom?seconds=-1|400|invalid-request|user",
        "POST /v1/experiments|400|invalid-request|user",
      })
  void httpHasTheStatusAndTheCode(String target, int status, String code, String kind)
      throws IOException {
    listen(LONG, LONG);
    String response =
        answer(send(target + " HTTP/1.0\r\nHost: coord\r\nContent-Length: 2\r\n\r\n{}"));
    assertThat(response).startsWith("HTTP/1.1 " + status + " ");
    JsonNode body =
        new ObjectMapper().readTree(response.substring(response.indexOf("\r\n\r\n") + 4));
    assertThat(body.path("code").asText()).isEqualTo(code);
    assertThat(body.path("kind").asText()).isEqualTo(kind);
    assertThat(body.path("error").asText()).isNotEmpty();
    assertThat(body.path("faults").isArray()).isTrue();
  }

  @Test
  void theCommandLineHasTheSameCode() throws IOException {
    coord("enqueue", "--id", "x", "--", "true");
    assertRefused("id-taken", 2, "enqueue", "--json", "--id", "x", "--", "true");
    assertRefused("exceeds-limit", 2, "enqueue", "--json", "--ram", "9G", "--", "true");
    assertRefused("invalid-request", 2, "enqueue", "--json", "--ram", "much", "--", "true");
    assertRefused(
        "power-mode-not-read", 75, "enqueue", "--json", "--power-mode", "MAXN", "--", "true");
    assertRefused("unknown-dependency", 2, "enqueue", "--json", "--after", "no", "--", "true");
    assertRefused("unknown-id", 2, "stop", "--json", "nobody");
    assertRefused("wrong-state", 2, "hold", "--json", "x");
    assertThat(coord(new Caller("eve", false), "drain", "--json")).isEqualTo(2);
    assertThat(printed().path("code").asText()).isEqualTo("not-permitted");
    ledger.damage("page 7");
    assertRefused("storage-damaged", 75, "enqueue", "--json", "--", "true");
  }

  private void assertRefused(String code, int exitCode, String... words) throws IOException {
    assertThat(coord(words)).as(code).isEqualTo(exitCode);
    assertThat(printed().path("code").asText()).isEqualTo(code);
  }

  private JsonNode printed() throws IOException {
    return new ObjectMapper().readTree(heard.text.toString());
  }
}
