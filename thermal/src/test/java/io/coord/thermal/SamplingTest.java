package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final Duration SETTING = Duration.ofSeconds(5);

  private static Heat at(double degrees) {
    List<ZoneReading> readings =
        List.of(
            ZoneReading.measured("thermal_zone0", "tj-thermal", MilliCelsius.ofDegrees(degrees)));
    return new Governor(Thresholds.DEFAULT)
        .next(
            Heat.unknown(Instant.EPOCH),
            ZoneSelection.summarise(readings),
            Instant.EPOCH,
            Duration.ZERO);
  }

  private static Duration next(Duration setting, double degrees, Trend trend) {
    return Sampling.next(setting, Thresholds.DEFAULT, at(degrees), trend);
  }

  @Test
  void isTheSettingWhileCool() {
    assertThat(next(SETTING, 50, Trend.NONE)).isEqualTo(SETTING);
    assertThat(next(SETTING, 65, Trend.NONE)).isEqualTo(SETTING);
  }

  @Test
  void becomesShorterAsItWarms() {
    assertThat(next(SETTING, 70, Trend.NONE)).isEqualTo(Duration.ofSeconds(3));
    assertThat(next(SETTING, 75, Trend.NONE)).isEqualTo(Duration.ofSeconds(1));
    assertThat(next(SETTING, 90, Trend.NONE)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void readsTenTimesBeforeCritical() {
    Trend rising =
        Trend.NONE
            .with(Duration.ofSeconds(10), MilliCelsius.ofDegrees(40))
            .with(Duration.ofSeconds(15), MilliCelsius.ofDegrees(50));
    assertThat(next(SETTING, 50, rising)).isEqualTo(Duration.ofMillis(1750));
  }

  @Test
  void isBetweenHalfASecondAndTheSetting() {
    Trend rushing =
        Trend.NONE
            .with(Duration.ofSeconds(10), MilliCelsius.ofDegrees(60))
            .with(Duration.ofSeconds(11), MilliCelsius.ofDegrees(84));
    assertThat(next(SETTING, 84, rushing)).isEqualTo(Duration.ofMillis(500));
    assertThat(next(Duration.ofMillis(200), 84, rushing)).isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void isShortWhileKnownZonesCannotBeRead() {
    Heat blind =
        new Governor(Thresholds.DEFAULT)
            .next(
                at(70),
                new ZoneSelection.Summary(Optional.empty(), true, ""),
                Instant.EPOCH,
                Duration.ZERO);
    assertThat(Sampling.next(SETTING, Thresholds.DEFAULT, blind, Trend.NONE))
        .isEqualTo(Duration.ofSeconds(1));
  }
}
