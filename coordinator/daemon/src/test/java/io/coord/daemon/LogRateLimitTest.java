package io.coord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogRateLimitTest {
  private static final Instant START = Instant.parse("2026-11-30T00:00:00Z");

  private final LogRateLimit limit = new LogRateLimit();

  private static LogRecord record(String place, long second) {
    LogRecord record = new LogRecord(Level.WARNING, "cannot read 'x'");
    record.setLoggerName("io.coord");
    record.setSourceClassName(place);
    record.setSourceMethodName("read");
    record.setInstant(START.plusSeconds(second));
    return record;
  }

  @Test
  void aCauseThatRepeatsIsCountedAndNotLogged() {
    for (int i = 0; i < LogRateLimit.PER_MINUTE; i++) {
      assertThat(limit.isLoggable(record("A", i))).isTrue();
    }
    assertThat(limit.isLoggable(record("A", 30))).isFalse();
    assertThat(limit.isLoggable(record("A", 31))).isFalse();
    assertThat(limit.isLoggable(record("B", 31))).as("another cause").isTrue();

    LogRecord next = record("A", 60);

    assertThat(limit.isLoggable(next)).isTrue();
    assertThat(next.getMessage())
        .isEqualTo("cannot read 'x' (and 2 of the same cause, not logged)");
    LogRecord later = record("A", 61);
    assertThat(limit.isLoggable(later)).isTrue();
    assertThat(later.getMessage()).isEqualTo("cannot read 'x'");
  }

  @Test
  void whatHappensToExperimentsIsAlwaysLogged() {
    for (int i = 0; i < 10 * LogRateLimit.PER_MINUTE; i++) {
      LogRecord transition = record("A", 0);
      transition.setLevel(Level.INFO);
      assertThat(limit.isLoggable(transition)).isTrue();
    }
  }

  @Test
  void aClockThatIsSetBackDoesNotSilenceIt() {
    for (int i = 0; i <= LogRateLimit.PER_MINUTE; i++) {
      limit.isLoggable(record("A", 3600));
    }
    assertThat(limit.isLoggable(record("A", 3600))).isFalse();
    assertThat(limit.isLoggable(record("A", 0))).isTrue();
  }
}
