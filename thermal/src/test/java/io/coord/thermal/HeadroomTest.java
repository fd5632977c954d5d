package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadroomTest {
  private static final MilliCelsius HOLD = MilliCelsius.ofDegrees(75);

  private Heat heat = Heat.unknown(Instant.EPOCH);
  private Trend trend = Trend.NONE;
  private int second;

  private void reads(ZoneReading zone) {
    Duration uptime = Duration.ofSeconds(++second);
    heat =
        new Governor(Thresholds.DEFAULT)
            .next(heat, ZoneSelection.summarise(List.of(zone)), Instant.EPOCH, uptime);
    if (zone.temperature().isPresent()) {
      trend = trend.with(uptime, zone.temperature().get());
    }
  }

  private void reads(double degrees) {
    reads(ZoneReading.measured("thermal_zone0", "tj-thermal", MilliCelsius.ofDegrees(degrees)));
  }

  private OptionalDouble in(int seconds) {
    return Headroom.in(Duration.ofSeconds(seconds), heat, trend, HOLD);
  }

  @ParameterizedTest
  @CsvSource({"75, 1.0", "60, 0.5", "45, 0.0", "20, 0.0", "78, 1.1"})
  void isOneAtTheHeldTemperatureAndZeroThirtyDegreesBelow(double degrees, double headroom) {
    reads(degrees);
    reads(degrees);
    assertThat(in(0).getAsDouble()).isCloseTo(headroom, offset(1e-9));
    assertThat(in(30).getAsDouble()).isCloseTo(headroom, offset(1e-9));
  }

  @Test
  void followsTheTrend() {
    for (double degrees = 60; degrees <= 65; degrees += 0.5) {
      reads(degrees);
    }
    assertThat(in(0).getAsDouble()).isCloseTo(2.0 / 3, offset(1e-9));
    assertThat(in(20).getAsDouble()).isCloseTo(1.0, offset(1e-9));
  }

  @Test
  void isUnknownWithoutAReading() {
    assertThat(in(30)).isEmpty();
    reads(60);
    assertThat(in(30)).isPresent();
    for (int i = 0; i < 20; i++) {
      reads(ZoneReading.offline("thermal_zone0", "tj-thermal", "gone"));
    }
    assertThat(in(30)).isEmpty();
  }
}
