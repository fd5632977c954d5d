package io.coord.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnitPatternTest {

  @Test
  void matchesWholeNamesAsTheShellDoes() {
    assertThat(new UnitPattern("a@*.service").matches("a@1.service")).isTrue();
    assertThat(new UnitPattern("a@*.service").matches("a@.service")).isTrue();
    assertThat(new UnitPattern("a@*.service").matches("a@1.service2")).isFalse();
    assertThat(new UnitPattern("a@*.service").matches("ba@1.service")).isFalse();
    assertThat(new UnitPattern("a@?.service").matches("a@1.service")).isTrue();
    assertThat(new UnitPattern("a@?.service").matches("a@12.service")).isFalse();
    assertThat(new UnitPattern("a@[0-9].service").matches("a@1.service")).isTrue();
    assertThat(new UnitPattern("a@[!0-9].service").matches("a@1.service")).isFalse();
    assertThat(new UnitPattern("a@[!0-9].service").matches("a@x.service")).isTrue();
  }

  @Test
  void takesOtherCharactersLiterally() {
    assertThat(new UnitPattern("a.service").matches("aXservice")).isFalse();
    assertThat(new UnitPattern("a@x\\x2dy.service").matches("a@x\\x2dy.service")).isTrue();
    assertThat(new UnitPattern("a{1,2}.service").matches("a1.service")).isFalse();
    assertThat(new UnitPattern("a[.service").matches("a[.service")).isTrue();
  }
}
