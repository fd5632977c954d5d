package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoresTest {

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "0, 0",
    "'0-3,8', '0-3,8'",
    "'3 1 2', '1-3'",
    "'0,1,3', '0-1,3'",
    "'0-2,1-4', '0-4'",
    "' 5-5\n', '5'",
    "'0-3, 8', '0-3,8'",
  })
  void listsOfTheKernelAndOfSystemdAreRead(String text, String shortest) {
    assertThat(Cores.parse(text)).hasToString(shortest);
    assertThat(Cores.parse(shortest)).isEqualTo(Cores.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "-1", "3-1", "0-", ",", "99999", "0-9999", "1;2"})
  void rejectsOtherText(String text) {
    assertThatThrownBy(() -> Cores.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("cannot ");
  }
}
