package io.coord.scheduler.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Experiment;
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
        "ada",
        "{\n \"command\": [\"a\\nb\"]\n}\n",
        -7,
        3L << 30,
        Instant.parse("2026-11-20T12:00:00.123Z"),
        mode);
  }

  private static String text(Submission submission) {
    return Origin.text(Experiment.enqueued("x", 1, submission, "test"));
  }

  @Test
  void isReadAsItWasWritten() {
    Submission plain = submission(Optional.empty());
    assertThat(Origin.read(text(plain))).contains(plain);
    Submission withMode = submission(Optional.of(new StoredPowerMode(3, "MODE 50W")));
    assertThat(Origin.read(text(withMode))).contains(withMode);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1\nada", "2\nada\n1\n0\n0\n\n\n{}", "1\nada\nx\n0\n0\n\n\n{}"})
  void whatCannotBeReadIsNoOrigin(String text) {
    assertThat(Origin.read(text)).isEmpty();
  }
}
