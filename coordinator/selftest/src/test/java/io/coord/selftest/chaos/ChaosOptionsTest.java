package io.coord.selftest.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChaosOptionsTest {
  private static List<String> words(String line) {
    return List.of(line.split(" ", -1));
  }

  @ParameterizedTest
  @CsvSource({
    "--chaos 5m, 300, 99",
    "--chaos=30s, 30, 99",
    "--chaos 1h --seed 7, 3600, 7",
    "--seed=-3 --chaos 1s, 1, -3",
  })
  void readsTheTimeAndTheSeed(String line, long seconds, long seed) throws Exception {
    assertThat(ChaosOptions.read(words(line), () -> 99))
        .contains(new ChaosOptions(Duration.ofSeconds(seconds), seed));
  }

  @Test
  void withoutWordsThereIsOnlyHelp() throws Exception {
    assertThat(ChaosOptions.read(List.of(), () -> 99)).isEmpty();
    assertThat(ChaosOptions.read(words("--chaos 5m --help"), () -> 99)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--chaos",
        "--chaos soon",
        "--chaos 999ms",
        "--chaos 61min",
        "--chaos 5m --seed x",
        "--seed 5",
        "--order 5m",
      })
  void refusesWhatItDoesNotUnderstand(String line) {
    assertThatThrownBy(() -> ChaosOptions.read(words(line), () -> 99))
        .isInstanceOf(ChaosOptions.MisuseException.class);
  }

  @Test
  void itsCommandMakesTheSameAgain() throws Exception {
    ChaosOptions options = new ChaosOptions(Duration.ofSeconds(90), 42);

    List<String> command = words(options.command());

    assertThat(ChaosOptions.read(command.subList(2, command.size()), () -> 99)).contains(options);
  }
}
