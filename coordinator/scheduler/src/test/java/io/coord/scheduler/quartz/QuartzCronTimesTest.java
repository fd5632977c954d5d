package io.coord.scheduler.quartz;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuartzCronTimesTest {
  /** A Friday. */
  private static final Instant FRIDAY_NOON = Instant.parse("2026-11-20T12:00:00Z");

  private final QuartzCronTimes utc = new QuartzCronTimes(ZoneId.of("UTC"));
  private final QuartzCronTimes berlin = new QuartzCronTimes(ZoneId.of("Europe/Berlin"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "30 2 * * *       | 2026-11-21T02:30:00Z",
        "*/15 * * * *     | 2026-11-20T12:15:00Z",
        "0 3 1 * *        | 2026-12-01T03:00:00Z",
        "0 3 * 2 *        | 2027-02-01T03:00:00Z",
        "0 3 * * 0        | 2026-11-22T03:00:00Z",
        "0 3 * * 7        | 2026-11-22T03:00:00Z",
        "0 3 * * 1        | 2026-11-23T03:00:00Z",
        "0 3 * * 6        | 2026-11-21T03:00:00Z",
        "0 3 * * 1-5      | 2026-11-23T03:00:00Z",
        "0 3 * * 6,0      | 2026-11-21T03:00:00Z",
        "0 3 * * 5-7      | 2026-11-21T03:00:00Z",
        "0 3 * * 0-1      | 2026-11-22T03:00:00Z",
        "0 3 * * MON      | 2026-11-23T03:00:00Z",
        "0 3 * * mon-fri  | 2026-11-23T03:00:00Z",
        "0 3 * JAN *      | 2027-01-01T03:00:00Z",
        "0 9-17/2 * * *   | 2026-11-20T13:00:00Z",
        "0 3 * * 1/2      | 2026-11-23T03:00:00Z",
        "0 3 * * */2      | 2026-11-21T03:00:00Z",
        "0 3 22 * 1       | 2026-11-22T03:00:00Z",
        "0 3 24 * 1       | 2026-11-23T03:00:00Z",
        "' 5  4 * * * '   | 2026-11-21T04:05:00Z",
        "10 30 2 * * ?    | 2026-11-21T02:30:10Z",
        "0 0 3 ? * 2      | 2026-11-23T03:00:00Z",
        "0 0 3 1 1 ? 2030 | 2030-01-01T03:00:00Z"
      })
  void firesFirst(String cron, Instant expected) {
    assertThat(utc.next(cron, FRIDAY_NOON)).contains(expected);
  }

  @Test
  void firesAfterTheInstantAndNotAtIt() {
    assertThat(utc.next("0 12 * * *", FRIDAY_NOON)).contains(FRIDAY_NOON.plusSeconds(86_400));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0 0 3 1 1 ? 2020",
        "0 3 31 2 *",
        "",
        "nonsense",
        "* * * *",
        "61 * * * *",
        "0 25 * * *",
        "0 3 * * 9",
        "0 3 * * 8",
        "0 3 1 * 8",
        "0 3 32 * 1",
        "0 3 */2 * 1",
        "1 2 3 4 5 6 7 8",
        "a b c d e"
      })
  void neverFires(String cron) {
    assertThat(utc.next(cron, FRIDAY_NOON)).isEmpty();
  }

  @Test
  void goesByTheLocalTimeOnBothSidesOfAChange() {
    Instant before = Instant.parse("2026-10-24T12:00:00Z");
    Instant first = berlin.next("0 12 * * *", before).orElseThrow();
    assertThat(first).isEqualTo(Instant.parse("2026-10-25T11:00:00Z"));
  }

  @Test
  void aTimeThatTheChangeSkipsDoesNotStopIt() {
    // 02:30 does not exist on 2026-03-29 in Berlin.
    Instant first = berlin.next("30 2 * * *", Instant.parse("2026-03-28T12:00:00Z")).orElseThrow();
    assertThat(first)
        .isBetween(Instant.parse("2026-03-29T00:00:00Z"), Instant.parse("2026-03-30T00:30:00Z"));
  }

  @Test
  void anHourThatComesTwiceFiresAtMostTwice() {
    // 02:30 comes twice on 2026-10-25 in Berlin.
    int fires = 0;
    Instant at = Instant.parse("2026-10-24T12:00:00Z");
    while (at.isBefore(Instant.parse("2026-10-25T12:00:00Z"))) {
      at = berlin.next("30 2 * * *", at).orElseThrow();
      fires++;
    }
    assertThat(fires).isBetween(2, 3);
  }
}
