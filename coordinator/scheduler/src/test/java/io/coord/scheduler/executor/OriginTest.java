package io.coord.scheduler.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.StoredPowerMode;
import io.coord.persistence.Submission;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
  private static Submission submission(Optional<StoredPowerMode> mode) {
    return new Submission(
        "ada", -7, 3L << 30, Instant.parse("2026-11-20T12:00:00.123Z"), mode, Optional.empty());
  }

  private static Origin origin(Submission submission) {
    return new Origin(submission, "{\n \"command\": [\"a\\nb\"]\n}\n");
  }

  @Test
  void isReadAsItWasWritten() {
    Origin plain = origin(submission(Optional.empty()));
    assertThat(Origin.read(plain.text())).contains(plain);
    Origin withMode = origin(submission(Optional.of(new StoredPowerMode(3, "MODE 50W"))));
    assertThat(Origin.read(withMode.text())).contains(withMode);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1\nada", "2\nada\n1\n0\n0\n\n\n{}", "1\nada\nx\n0\n0\n\n\n{}"})
  void whatCannotBeReadIsNoOrigin(String text) {
    assertThat(Origin.read(text)).isEmpty();
  }
}
