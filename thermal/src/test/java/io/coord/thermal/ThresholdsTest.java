package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThresholdsTest {

  @Test
  void theDefaultsAreTheOrinPolicy() {
    assertThat(Thresholds.DEFAULT).isEqualTo(thresholds(75, 85, 5, 10));
  }

  @ParameterizedTest
  @CsvSource({"85, 90, 0, 0", "1, 2, 0, 0", "109, 114.5, 5, 600", "75, 150, 74.999, 10"})
  void acceptsValidThresholds(
      double throttle, double critical, double hysteresis, int dwellSeconds) {
    assertThat(thresholds(throttle, critical, hysteresis, dwellSeconds)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "85|85|5|10|cannot throttle at 85 °C: must be below the critical temperature, 85 °C",
        "90|85|5|10|cannot throttle at 90 °C: must be below the critical temperature, 85 °C",
        "75|151|5|10|cannot set the critical temperature to 151 °C: zones read at most 150 °C",
        "75|85|-1|10|cannot set the hysteresis to -1 °C: must be 0 °C or more",
        "75|85|75|10|cannot throttle at 75 °C with a hysteresis of 75 °C: no machine would ever be"
            + " cool enough",
        "-5|85|0|10|cannot throttle at -5 °C with a hysteresis of 0 °C: no machine would ever be"
            + " cool enough",
        "75|85|5|-1|cannot set the dwell to PT-1S: must be 0 or more",
      })
  void rejectsInvalidThresholdsWithAReason(
      double throttle, double critical, double hysteresis, int dwellSeconds, String words) {
    assertThatThrownBy(() -> thresholds(throttle, critical, hysteresis, dwellSeconds))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(words);
  }

  private static Thresholds thresholds(
      double throttle, double critical, double hysteresis, int dwellSeconds) {
    return new Thresholds(
        MilliCelsius.ofDegrees(throttle),
        MilliCelsius.ofDegrees(critical),
        MilliCelsius.ofDegrees(hysteresis),
        Duration.ofSeconds(dwellSeconds));
  }
}
