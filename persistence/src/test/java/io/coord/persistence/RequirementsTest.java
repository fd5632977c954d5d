package io.coord.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequirementsTest {
  private static Requirements.Order notBefore(Instant time) {
    return new Requirements.Order(List.of(), List.of(), Optional.of(time), Optional.empty());
  }

  @Test
  void aTimeThatCannotBeStoredIsNoRequirement() {
    for (Instant time : List.of(Instant.MAX, Instant.MIN)) {
      assertThatThrownBy(() -> notBefore(time))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("cannot store the time '" + time + "': out of range");
    }
    Instant last = Instant.ofEpochMilli(Long.MAX_VALUE);
    assertThat(notBefore(last).notBefore()).contains(last);
  }
}
