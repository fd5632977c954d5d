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
        "ada",
        -7,
        3L << 30,
        Instant.parse("2026-11-20T12:00:00.123Z"),
        mode,
        Optional.of("other"),
        Optional.empty());
  }

  private static Origin origin(Submission submission) {
    return new Origin(submission, "{\n \"command\": [\"a\\nb\"]\n}\n");
  }

  @Test
  void isReadAsItWasWritten() {
    Origin plain = origin(submission(Optional.empty()));
    assertThat(Origin.read(plain.text("own"))).contains(plain);
    Origin withMode = origin(submission(Optional.of(new StoredPowerMode(3, "MODE 50W"))));
    assertThat(Origin.read(withMode.text("own"))).contains(withMode);
  }

  @Test
  void namesTheLedgerThatStoresIt() {
    Submission own = submission(Optional.empty()).seenFrom("other");
    assertThat(own.ledger()).isEmpty();
    Submission read = Origin.read(origin(own).text("own")).orElseThrow().submission();
    assertThat(read.ledger()).contains("own");
    assertThat(read.seenFrom("own")).isEqualTo(own);
    assertThat(read.seenFrom("another")).isEqualTo(read);
  }

  @Test
  void readsTheFirstVersionWithoutALedger() {
    Origin first = Origin.read("1\nada\n5\n0\n7\n\n\n{\n}").orElseThrow();
    assertThat(first.spec()).isEqualTo("{\n}");
    assertThat(first.submission().ledger()).isEmpty();
  }

  @Test
  void theMarkTellsExperimentsApart() {
    Submission own = submission(Optional.empty()).seenFrom("other");
    String mark = OriginMark.of("a", own, "own");
    assertThat(mark).matches("[0-9a-f]{32}").isEqualTo(OriginMark.of("a", own, "own"));
    assertThat(OriginMark.of("a", own, "another")).isNotEqualTo(mark);
    assertThat(OriginMark.of("b", own, "own")).isNotEqualTo(mark);
    assertThat(OriginMark.of("a", submission(Optional.empty()), "own")).isNotEqualTo(mark);
    assertThat(OriginMark.of("a", submission(Optional.empty()), "own"))
        .as("the ledger that stores it does not matter where it was enqueued in another")
        .isEqualTo(OriginMark.of("a", submission(Optional.empty()), "third"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1\nada", "2\nada\n1\n0\n0\n\n\n{}", "1\nada\nx\n0\n0\n\n\n{}"})
  void whatCannotBeReadIsNoOrigin(String text) {
    assertThat(Origin.read(text)).isEmpty();
  }
}
