package io.coord.scheduler.cron;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.scheduler.quartz.QuartzExpression;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** crontab(5) is read, and cron(8) decides where clocks are changed. */
class ZonedCronTimesTest {
  /** A Friday. */
  private static final Instant FRIDAY_NOON = Instant.parse("2026-11-20T12:00:00Z");

  private final ZonedCronTimes utc = in("UTC");

  private static ZonedCronTimes in(String zone) {
    return new ZonedCronTimes(ZoneId.of(zone), QuartzExpression::parse);
  }

  /** The times after an instant and up to another, as local times with their offset. */
  private static List<String> between(String zone, String cron, String after, String until) {
    ZonedCronTimes times = in(zone);
    List<String> found = new ArrayList<>();
    Optional<Instant> next = times.next(cron, Instant.parse(after));
    while (next.filter(at -> !at.isAfter(Instant.parse(until))).isPresent()) {
      found.add(next.get().atZone(ZoneId.of(zone)).toOffsetDateTime().toString());
      next = times.next(cron, next.get());
    }
    return found;
  }

  // --- crontab(5)

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "30 2 * * *        | 2026-11-21T02:30:00Z",
        "*/15 * * * *      | 2026-11-20T12:15:00Z",
        "5,50 * * * *      | 2026-11-20T12:05:00Z",
        "10-20/5 * * * *   | 2026-11-20T12:10:00Z",
        "40/10 * * * *     | 2026-11-20T12:40:00Z",
        "7/99 * * * *      | 2026-11-20T12:07:00Z",
        "0 3 1 * *         | 2026-12-01T03:00:00Z",
        "0 3 31 * *        | 2026-12-31T03:00:00Z",
        "0 3 29 2 *        | 2028-02-29T03:00:00Z",
        "0 3 * 2 *         | 2027-02-01T03:00:00Z",
        "0 3 * * 0         | 2026-11-22T03:00:00Z",
        "0 3 * * 7         | 2026-11-22T03:00:00Z",
        "0 3 * * 1         | 2026-11-23T03:00:00Z",
        "0 3 * * 6         | 2026-11-21T03:00:00Z",
        "0 3 * * 0-7       | 2026-11-21T03:00:00Z",
        "0 3 * * 1-5       | 2026-11-23T03:00:00Z",
        "0 3 * * 6,0       | 2026-11-21T03:00:00Z",
        "0 3 * * 5-7       | 2026-11-21T03:00:00Z",
        "0 3 * * sat-sun   | 2026-11-21T03:00:00Z",
        "0 3 * * 0-1       | 2026-11-22T03:00:00Z",
        "0 3 * * MON       | 2026-11-23T03:00:00Z",
        "0 3 * * mon-fri   | 2026-11-23T03:00:00Z",
        "0 3 * * Tue,Thu   | 2026-11-24T03:00:00Z",
        "0 3 * JAN *       | 2027-01-01T03:00:00Z",
        "0 3 * jun,feb *   | 2027-02-01T03:00:00Z",
        "0 9-17/2 * * *    | 2026-11-20T13:00:00Z",
        "0 3 * * 1/2       | 2026-11-23T03:00:00Z",
        "0 3 * * */2       | 2026-11-21T03:00:00Z",
        "'  5  4 * * *  '  | 2026-11-21T04:05:00Z",
        "5\t4\t*\t*\t*     | 2026-11-21T04:05:00Z",
        "@hourly           | 2026-11-20T13:00:00Z",
        "@daily            | 2026-11-21T00:00:00Z",
        "@midnight         | 2026-11-21T00:00:00Z",
        "@weekly           | 2026-11-22T00:00:00Z",
        "@monthly          | 2026-12-01T00:00:00Z",
        "@yearly           | 2027-01-01T00:00:00Z",
        "@annually         | 2027-01-01T00:00:00Z",
        // Both kinds of day: either is enough, unless one begins with a star.
        "0 3 22 * 1        | 2026-11-22T03:00:00Z",
        "0 3 24 * 1        | 2026-11-23T03:00:00Z",
        "0 3 */2 * 1       | 2026-11-23T03:00:00Z",
        "0 3 */2 * 2       | 2026-12-01T03:00:00Z",
        "0 3 13 * */5      | 2026-12-13T03:00:00Z",
        // Six fields begin with the second.
        "10 30 2 * * ?     | 2026-11-21T02:30:10Z",
      })
  void firesFirst(String cron, Instant expected) {
    assertThat(utc.problem(cron)).isEmpty();
    assertThat(utc.next(cron, FRIDAY_NOON)).contains(expected);
  }

  @Test
  void firesAfterTheInstantAndNotAtIt() {
    assertThat(utc.next("0 12 * * *", FRIDAY_NOON)).contains(FRIDAY_NOON.plusSeconds(86_400));
    assertThat(utc.next("0 12 * * *", FRIDAY_NOON.minusMillis(1))).contains(FRIDAY_NOON);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "61 * * * *      | minute 61 is out of range (0-59)",
        "60 * * * *      | minute 60 is out of range (0-59)",
        "0-75 * * * *    | minute 75 is out of range (0-59)",
        "99999999999 * * * * | minute 99999999999 is out of range (0-59)",
        "0 24 * * *      | hour 24 is out of range (0-23)",
        "0 3 0 * *       | day of month 0 is out of range (1-31)",
        "0 3 32 * 1      | day of month 32 is out of range (1-31)",
        "0 3 * 13 *      | month 13 is out of range (1-12)",
        "0 3 * 0 *       | month 0 is out of range (1-12)",
        "0 3 * * 8       | weekday 8 is out of range (0-7)",
        "0 3 * * monday  | weekday 'monday' is not valid; expected '*', 0-7 or sun-sat",
        "0 3 * foo *     | month 'foo' is not valid; expected '*', 1-12 or jan-dec",
        "x * * * *       | minute 'x' is not valid; expected '*', 0-59",
        "5, * * * *      | minute has an empty item; expected '*', 0-59",
        "-5 * * * *      | minute has an empty item; expected '*', 0-59",
        "5- * * * *      | minute has an empty item; expected '*', 0-59",
        "30-10 * * * *   | minute range '30-10' is empty: its first number is larger than its last",
        "0 3 * * 5-1     | weekday range '5-1' is empty: its first number is larger than its last",
        "*/0 * * * *     | minute step 0 is out of range (1 or more)",
        "*/x * * * *     | minute step 'x' is not a number",
        "*/ * * * *      | minute step '' is not a number",
        "** * * * *      | minute '**' is not valid; expected '*', 0-59",
        "*5 * * * *      | minute '*5' is not valid; expected '*', 0-59",
        "\u0663 * * * *  | minute '\u0663' is not valid; expected '*', 0-59",
        "\"\"              | expected five fields (minute, hour, day of month, month, weekday),"
            + " found 0",
        "* * * *         | expected five fields (minute, hour, day of month, month, weekday), found"
            + " 4",
        "1 2 3 4 5 6 7 8 | expected five fields (minute, hour, day of month, month, weekday), found"
            + " 8",
        "@reboot         | '@reboot' is not valid; expected @annually, @daily, @hourly, @midnight,"
            + " @monthly, @weekly, @yearly",
        "61 0 3 * * ?    | six or seven fields begin with the second, as in Quartz: Minute and"
            + " Second values must be between 0 and 59",
      })
  void saysWhatIsWrong(String cron, String reason) {
    assertThat(utc.problem(cron)).contains(reason);
    assertThat(utc.next(cron, FRIDAY_NOON)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"5 4 * *\n*", "5 4 * * *\u0007"})
  void takesNoControlCharacter(String cron) {
    assertThat(utc.problem(cron)).contains("the expression contains a control character");
  }

  @Test
  void takesNoExpressionOfAnyLength() {
    assertThat(utc.problem("0," + "1,".repeat(200) + "2 * * * *"))
        .contains("the expression is longer than 256 characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 3 1 1 ? 2020"})
  void neverFires(String cron) {
    assertThat(utc.problem(cron)).isEmpty();
    assertThat(utc.next(cron, FRIDAY_NOON)).isEmpty();
  }

  /** 29 February is a Sunday every 28 years, and not in 2100. */
  @Test
  void firesInFarYears() {
    assertThat(utc.next("0 0 29 2 */7", Instant.parse("2088-03-01T00:00:00Z")))
        .contains(Instant.parse("2128-02-29T00:00:00Z"));
  }

  // --- where clocks are changed

  @ParameterizedTest(name = "{1} in {0} on {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        // 02:00 to 03:00 does not exist.
        "Europe/Berlin | 30 2 * * *    | 2027-03-28 | 03:00+02:00",
        "Europe/Berlin | 30 2 * * 0    | 2027-03-28 | 03:00+02:00",
        "Europe/Berlin | 30 2 28 3 *   | 2027-03-28 | 03:00+02:00",
        "Europe/Berlin | 0,30 2 * * *  | 2027-03-28 | 03:00+02:00",
        "Europe/Berlin | 30 2,3 * * *  | 2027-03-28 | 03:00+02:00 03:30+02:00",
        "Europe/Berlin | 0 2,3 * * *   | 2027-03-28 | 03:00+02:00",
        "Europe/Berlin | */20 2 * * *  | 2027-03-28 | 03:00+02:00",
        "Europe/Berlin | 0 */6 * * *   | 2027-03-28 | 00:00+01:00 06:00+02:00 12:00+02:00"
            + " 18:00+02:00",
        "Europe/Berlin | 59 1 * * *    | 2027-03-28 | 01:59+01:00",
        "Europe/Berlin | 0 3 * * *     | 2027-03-28 | 03:00+02:00",
        "Europe/Berlin | 30 1-4 * * *  | 2027-03-28 | 01:30+01:00 03:00+02:00 03:30+02:00"
            + " 04:30+02:00",
        "Europe/Berlin | 30 0-3 * * *  | 2027-03-28 | 00:30+01:00 01:30+01:00 03:00+02:00"
            + " 03:30+02:00",
        // 02:00 to 03:00 comes twice.
        "Europe/Berlin | 30 2 * * *    | 2026-10-25 | 02:30+02:00",
        "Europe/Berlin | */20 2 * * *  | 2026-10-25 | 02:00+02:00 02:20+02:00 02:40+02:00",
        "Europe/Berlin | 0 3 * * *     | 2026-10-25 | 03:00+01:00",
        "Europe/Berlin | 0 2,3 * * *   | 2026-10-25 | 02:00+02:00 03:00+01:00",
        // Midnight does not exist.
        "Africa/Cairo  | 0 0 * * *     | 2027-04-30 | 01:00+03:00",
        "Africa/Cairo  | @daily        | 2027-04-30 | 01:00+03:00",
        "Africa/Cairo  | 0 0 * * 5     | 2027-04-30 | 01:00+03:00",
        "Africa/Cairo  | 0 */12 * * *  | 2027-04-30 | 01:00+03:00 12:00+03:00",
        "Africa/Cairo  | 30 0 * * *    | 2027-04-30 | 01:00+03:00",
        // The last hour of the day comes twice.
        "Africa/Cairo  | 30 23 * * *   | 2026-10-29 | 23:30+03:00",
        "Africa/Cairo  | 0 0 * * *     | 2026-10-30 | 00:00+02:00",
        // Half an hour.
        "Australia/Lord_Howe | 15 2 * * *  | 2026-10-04 | 02:30+11:00",
        "Australia/Lord_Howe | 45 2 * * *  | 2026-10-04 | 02:45+11:00",
        "Australia/Lord_Howe | 45 1 * * *  | 2027-04-04 | 01:45+11:00",
        "Australia/Lord_Howe | 15 2 * * *  | 2027-04-04 | 02:15+10:30",
        // At midnight, to the day before.
        "Atlantic/Azores     | 30 0 * * *  | 2027-03-28 | 01:00Z",
        "Atlantic/Azores     | 30 0 * * *  | 2026-10-25 | 00:30Z",
        // Two hours at once.
        "Antarctica/Troll    | 30 1 * * *  | 2027-03-28 | 03:00+02:00",
        "Antarctica/Troll    | 30 2 * * *  | 2027-03-28 | 03:00+02:00",
        "America/Santiago    | 0 0 * * *   | 2026-09-06 | 01:00-03:00",
        "America/New_York    | 30 2 * * *  | 2027-03-14 | 03:00-04:00",
        "America/New_York    | 30 1 * * *  | 2026-11-01 | 01:30-04:00",
        // A whole day was skipped.
        "Pacific/Apia        | 0 12 * * *  | 2011-12-31 | 00:00+14:00 12:00+14:00",
      })
  void onTheDayOfAChange(String zone, String cron, String day, String times) {
    ZoneId id = ZoneId.of(zone);
    Instant begin = LocalDateTime.parse(day + "T00:00").atZone(id).toInstant().minusMillis(1);
    Instant end =
        LocalDateTime.parse(day + "T00:00").plusDays(1).atZone(id).toInstant().minusMillis(1);
    assertThat(between(zone, cron, begin.toString(), end.toString()))
        .containsExactlyElementsOf(
            Arrays.stream(times.split(" ", -1)).map(time -> day + "T" + time).toList());
  }

  /** Each pause of these is the same through all changes of a year. */
  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 0 * * * *, 60",
    "Europe/Berlin, 17 * * * *, 60",
    "Europe/Berlin, @hourly, 60",
    "Europe/Berlin, 17 0-23 * * *, 60",
    "Europe/Berlin, */15 * * * *, 15",
    "Europe/Berlin, '7,37 * * * *', 30",
    "Europe/Berlin, 0 0 * * * ?, 60",
    "Africa/Cairo, 0 * * * *, 60",
    "America/Santiago, */20 * * * *, 20",
    "Atlantic/Azores, 0 * * * *, 60",
    "Australia/Lord_Howe, */15 * * * *, 15",
    "Australia/Lord_Howe, '7,37 * * * *', 30",
    "Antarctica/Troll, 0 * * * *, 60",
  })
  void anIntervalGoesOnThroughEachChange(String zone, String cron, int minutes) {
    ZonedCronTimes times = in(zone);
    Instant begin = Instant.parse("2026-01-01T00:00:00Z");
    Instant at = times.next(cron, begin).orElseThrow();
    while (at.isBefore(Instant.parse("2027-01-01T00:00:00Z"))) {
      Instant next = times.next(cron, at).orElseThrow();
      assertThat(next).isEqualTo(at.plusSeconds(minutes * 60L));
      at = next;
    }
  }

  /** Clocks that go back half an hour do not show each hour after sixty minutes. */
  @Test
  void anIntervalIsWhatClocksShow() {
    assertThat(
            between(
                "Australia/Lord_Howe", "0 * * * *", "2027-04-03T13:30:00Z", "2027-04-03T16:30:00Z"))
        .containsExactly(
            "2027-04-04T01:00+11:00", "2027-04-04T02:00+10:30", "2027-04-04T03:00+10:30");
  }

  // --- against a plain model

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Europe/Berlin",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "Atlantic/Azores",
        "America/Santiago",
        "America/New_York",
        "Antarctica/Troll",
        "Asia/Kathmandu",
        "UTC"
      })
  void agreesWithAPlainModel(String zone) {
    for (String cron :
        List.of(
            "30 2 * * *",
            "15 1,2 * * *",
            "0 0 * * *",
            "10 23,0,1 * * *",
            "30 2 * * 0",
            "30 2 */2 * 6,7",
            "30 2 28 3 0",
            "*/20 2 * * *",
            "0 */2 * * *",
            "0 * * * *",
            "17 * * * 7",
            "*/15 * * * *",
            "* 1-3 * 3,10 sun",
            "59 23 31 * *")) {
      PlainCron model = new PlainCron(ZoneId.of(zone), cron);
      for (Instant change : changes(zone)) {
        Instant begin = change.minusSeconds(2 * 86_400L);
        Instant end = change.plusSeconds(3 * 86_400L);
        assertThat(between(zone, cron, begin.toString(), end.toString()))
            .as(cron + " in " + zone + " from " + begin)
            .isEqualTo(model.between(begin, end));
      }
    }
  }

  /** All changes of two years; where there are none, some time. */
  private static List<Instant> changes(String zone) {
    ZoneRules rules = ZoneId.of(zone).getRules();
    List<Instant> changes = new ArrayList<>();
    Instant at = Instant.parse("2026-01-20T00:00:00Z");
    ZoneOffsetTransition change = rules.nextTransition(at);
    while (change != null && change.getInstant().isBefore(at.plusSeconds(730 * 86_400L))) {
      changes.add(change.getInstant());
      change = rules.nextTransition(change.getInstant());
    }
    return changes.isEmpty() ? List.of(at) : changes;
  }

  /**
   * What cron(8) does, minute by minute: at each minute it looks whether the clock shows a time of
   * the line. Where the clock has just jumped forward it also looks at what was skipped; what it
   * has already shown does not count again, unless the line fires in each hour.
   */
  private static final class PlainCron {
    private static final List<String> DAYS =
        List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    private final ZoneId zone;
    private final String[] fields;

    PlainCron(ZoneId zone, String cron) {
      this.zone = zone;
      this.fields = cron.split(" ", -1);
    }

    List<String> between(Instant after, Instant until) {
      List<String> found = new ArrayList<>();
      // The latest time that the clock has shown, from well before the first change.
      LocalDateTime shown = LocalDateTime.MIN;
      for (Instant minute = after.minusSeconds(86_400);
          !minute.isAfter(until);
          minute = minute.plusSeconds(60)) {
        LocalDateTime local = LocalDateTime.ofInstant(minute, zone);
        boolean fires;
        if (fields[1].equals("*")) {
          fires = matches(local);
        } else if (!local.isAfter(shown)) {
          fires = false;
        } else {
          fires = false;
          LocalDateTime first = shown.equals(LocalDateTime.MIN) ? local : shown.plusMinutes(1);
          for (LocalDateTime time = first; !time.isAfter(local); time = time.plusMinutes(1)) {
            fires |= matches(time);
          }
        }
        shown = local.isAfter(shown) ? local : shown;
        if (fires && minute.isAfter(after)) {
          found.add(minute.atZone(zone).toOffsetDateTime().toString());
        }
      }
      return found;
    }

    private boolean matches(LocalDateTime time) {
      boolean byMonth = matches(fields[2], time.getDayOfMonth(), 1);
      boolean byWeek =
          matches(fields[4], time.getDayOfWeek().getValue() % 7, 0)
              || (time.getDayOfWeek().getValue() == 7 && matches(fields[4], 7, 0));
      boolean either = !fields[2].startsWith("*") && !fields[4].startsWith("*");
      return matches(fields[0], time.getMinute(), 0)
          && matches(fields[1], time.getHour(), 0)
          && matches(fields[3], time.getMonthValue(), 1)
          && (either ? byMonth || byWeek : byMonth && byWeek);
    }

    private static boolean matches(String field, int value, int lowest) {
      for (String item : field.split(",", -1)) {
        String[] parts = item.split("/", -1);
        int step = parts.length == 1 ? 1 : Integer.parseInt(parts[1]);
        if (parts[0].equals("*")) {
          if ((value - lowest) % step == 0) {
            return true;
          }
        } else {
          String[] ends = parts[0].split("-", -1);
          int from = number(ends[0]);
          int to = number(ends[ends.length - 1]);
          if (value >= from && value <= to && (value - from) % step == 0) {
            return true;
          }
        }
      }
      return false;
    }

    private static int number(String text) {
      int day = DAYS.indexOf(text);
      return day < 0 ? Integer.parseInt(text) : day;
    }
  }

  @Test
  void tellsItsZone() {
    assertThat(in("Africa/Cairo").zone()).isEqualTo(ZoneId.of("Africa/Cairo"));
    assertThat(new ZonedCronTimes(ZoneOffset.UTC, QuartzExpression::parse).zone())
        .isEqualTo(ZoneOffset.UTC);
  }
}
