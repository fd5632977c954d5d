package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "5s, PT5S",
    "100ms, PT0.1S",
    "2min, PT2M",
    "1h30min, PT1H30M",
    "1h 3min, PT1H3M",
    "' 1h  3min ', PT1H3M",
    "300, PT5M",
    "0, PT0S",
    "0.5, PT0.5S",
    "1.5h, PT1H30M",
    "5 seconds, PT5S",
    "3m, PT3M",
    "2d, PT48H",
    "1w, PT168H",
    "9223372036854775808, PT9223372036854775807S",
    "99999999999999999999999999999w, PT9223372036854775807S",
  })
  void readsThemAsSystemdDoes(String text, Duration duration) {
    assertThat(Durations.parse(text)).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "s",
        "-5s",
        "5x",
        "5 5",
        "1h 30",
        "5S",
        "1M",
        "1y",
        "infinity",
        "1e3",
        ".5s",
        "5.",
        "PT5S",
        "٣s",
        "1,5s",
        "1111111111111111111111111111111111111111111111111111111111111111111111s"
      })
  void readsNothingElse(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s, 0s",
    "PT5S, 5s, 5s",
    "PT0.1S, 100ms, 100ms",
    "PT5.25S, 5.25s, 5.25s",
    "PT1M0.05S, 1min 50ms, 1min",
    "PT1H3M, 1h 3min, 1h 3min",
    "PT1H3M7.5S, 1h 3min 7.5s, 1h 3min",
    "PT52H10M, 2d 4h 10min, 2d 4h",
    "PT24H1S, 1d 1s, 1d 1s",
    "PT0.000001S, 0s, 0s",
  })
  void printsThemInFullAndInBrief(Duration duration, String full, String brief) {
    assertThat(Durations.format(duration)).isEqualTo(full);
    assertThat(Durations.brief(duration)).isEqualTo(brief);
  }

  @Test
  void readsBackWhatItPrinted() {
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      Duration duration = Duration.ofMillis(random.nextLong() >>> (1 + random.nextInt(62)));
      assertThat(Durations.parse(Durations.format(duration))).contains(duration);
    }
  }

  @Test
  void printsNothingNegative() {
    assertThatThrownBy(() -> Durations.format(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
