package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TrendTest {
  private static final MilliCelsius CRITICAL = MilliCelsius.ofDegrees(85);

  private static Trend of(double... degreesEachSecond) {
    Trend trend = Trend.NONE;
    for (int i = 0; i < degreesEachSecond.length; i++) {
      trend = trend.with(Duration.ofSeconds(100 + i), MilliCelsius.ofDegrees(degreesEachSecond[i]));
    }
    return trend;
  }

  @Test
  void isTheSlopeOfTheLastSeconds() {
    assertThat(of(70, 70.5, 71, 71.5).degreesPerSecond()).isCloseTo(0.5, within(1e-6));
    assertThat(of(60, 60, 60, 60, 70, 71, 72, 73, 74, 75, 76).degreesPerSecond())
        .isCloseTo(1, within(1e-6));
  }

  @Test
  void isNotKnownFromOneReading() {
    assertThat(of(70).degreesPerSecond()).isZero();
    assertThat(of(70).until(CRITICAL)).isEmpty();
  }

  @Test
  void estimatesTheTimeUntilATemperature() {
    assertThat(of(80, 80.5, 81).until(CRITICAL)).contains(Duration.ofSeconds(8));
    assertThat(of(84, 85, 86).until(CRITICAL)).contains(Duration.ZERO);
  }

  @Test
  void hasNoTimeWithoutARise() {
    assertThat(of(80, 79.5, 79).until(CRITICAL)).isEmpty();
    assertThat(of(80, 80.001, 80.002).until(CRITICAL)).isEmpty();
  }

  @Test
  void keepsTheLastReadingWhenReadingsAreRare() {
    Trend trend =
        Trend.NONE
            .with(Duration.ofSeconds(100), MilliCelsius.ofDegrees(60))
            .with(Duration.ofSeconds(160), MilliCelsius.ofDegrees(66));
    assertThat(trend.degreesPerSecond()).isCloseTo(0.1, within(1e-6));
  }

  @Test
  void startsANewTrendAfterABoot() {
    Trend trend = of(80, 81, 82).with(Duration.ofSeconds(5), MilliCelsius.ofDegrees(40));
    assertThat(trend.points()).hasSize(1);
    assertThat(trend.degreesPerSecond()).isZero();
  }
}
