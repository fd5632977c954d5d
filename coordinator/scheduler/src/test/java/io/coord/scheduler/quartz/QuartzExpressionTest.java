package io.coord.scheduler.quartz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.scheduler.cron.CronSyntaxException;
import io.coord.scheduler.cron.ZonedCronTimes;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Six and seven fields are Quartz' own, and go by the same clock. */
class QuartzExpressionTest {
  private static final LocalDateTime FRIDAY_NOON = LocalDateTime.parse("2026-11-20T12:00:00");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10 30 2 * * ?     | 2026-11-21T02:30:10",
        "0 0 3 ? * 2       | 2026-11-23T03:00:00",
        "0 0 3 ? * mon     | 2026-11-23T03:00:00",
        "0 0 3 L * ?       | 2026-11-30T03:00:00",
        "0 0 3 ? * 6#1     | 2026-12-04T03:00:00",
        "0 0 3 15W * ?     | 2026-12-15T03:00:00",
        "0 0 3 1 1 ? 2030  | 2030-01-01T03:00:00",
      })
  void firesFirst(String expression, LocalDateTime expected) {
    assertThat(QuartzExpression.parse(expression).next(FRIDAY_NOON)).contains(expected);
  }

  @Test
  void aYearThatIsOverNeverComesAgain() {
    assertThat(QuartzExpression.parse("0 0 3 1 1 ? 2020").next(FRIDAY_NOON)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "61 0 3 * * ?      | Minute and Second values must be between 0 and 59",
        "0 0 3 * * *       | day-of-week AND a day-of-month",
        "a b c d e f       | as in Quartz: Illegal cron expression format",
      })
  void saysWhatQuartzHasAgainstIt(String expression, String reason) {
    assertThatThrownBy(() -> QuartzExpression.parse(expression))
        .isInstanceOf(CronSyntaxException.class)
        .hasMessageContaining("six or seven fields begin with the second, as in Quartz")
        .hasMessageContaining(reason)
        .hasMessageNotContaining("Exception");
  }

  @Test
  void aSkippedTimeIsDueAfterTheChangeAndADoubleOneOnce() {
    ZonedCronTimes berlin = new ZonedCronTimes(ZoneId.of("Europe/Berlin"), QuartzExpression::parse);
    assertThat(berlin.next("5 30 2 * * ?", Instant.parse("2027-03-27T12:00:00Z")))
        .contains(Instant.parse("2027-03-28T01:00:00Z"));
    Instant first = Instant.parse("2026-10-25T00:30:05Z");
    assertThat(berlin.next("5 30 2 * * ?", Instant.parse("2026-10-24T12:00:00Z"))).contains(first);
    assertThat(berlin.next("5 30 2 * * ?", first)).contains(Instant.parse("2026-10-26T01:30:05Z"));
    assertThat(berlin.next("0 0 * * * ?", first)).contains(Instant.parse("2026-10-25T01:00:00Z"));
  }
}
