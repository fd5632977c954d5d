package io.coord.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "amnesiac_001", "A.b-c_d", "x..", "a123456789.service"})
  void takesIdsThatAreSafeInUnitFileAndUrl(String id) {
    assertThat(Spec.isId(id)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "..", ".a", "-a", "_a", "a/b", "../a", "a%b", "a@b", "a b", "a\n", "\na", "a\0",
        "a:b", "a\\b", "ü", "a'", "a\"", "a$b", "a*"
      })
  void takesNoOtherIds(String id) {
    assertThat(Spec.isId(id)).isFalse();
  }

  @Test
  void takesIdsOf64Characters() {
    assertThat(Spec.isId("a".repeat(64))).isTrue();
    assertThat(Spec.isId("a".repeat(65))).isFalse();
    assertThat(Spec.isId("a".repeat(300))).isFalse();
  }

  @Test
  void hasNoCommandWithoutAProgram() {
    assertThatThrownBy(() -> new Spec.Command(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
