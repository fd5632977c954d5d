package io.coord.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.scheduler.core.event.Event;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code GET /v1/thermal/headroom}. */
class HeadroomEndpointTest extends SocketRequests {

  private String headroom(String query) throws IOException {
    String response =
        answer(send("GET /v1/thermal/headroom" + query + " HTTP/1.0\r\nHost: coord\r\n\r\n"));
    assertThat(response).startsWith("HTTP/1.1 200 ");
    return response.substring(response.indexOf("\r\n\r\n") + 4).strip();
  }

  private void reads(ZoneReading zone) {
    loop.post(new Event.ZonesRead(ZoneSelection.summarise(List.of(zone))));
  }

  @Test
  void isOneAtTheHeldTemperatureAndNullIfNoZoneCanBeRead() throws IOException {
    listen(LONG, LONG);
    reads(ZoneReading.measured("thermal_zone0", "tj-thermal", MilliCelsius.ofDegrees(69)));
    assertThat(headroom("?seconds=0")).isEqualTo("{\"seconds\":0,\"headroom\":0.8}");
    assertThat(headroom("")).startsWith("{\"seconds\":30,\"headroom\":");
    reads(ZoneReading.offline("thermal_zone0", "tj-thermal", "gone"));
    assertThat(headroom("")).isEqualTo("{\"seconds\":30,\"headroom\":null}");
  }
}
