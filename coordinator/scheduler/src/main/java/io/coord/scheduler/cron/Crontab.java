package io.coord.scheduler.cron;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The times of a line in crontab(5): five fields with stars, numbers, names, ranges, steps and
 * lists, or a word such as {@code @daily}.
 */
public final class Crontab implements LocalTimes {

  /** The words of crontab(5) and their fields. */
  private static final Map<String, String> WORDS =
      new TreeMap<>(
          Map.of(
              "@hourly", "0 * * * *",
              "@daily", "0 0 * * *",
              "@midnight", "0 0 * * *",
              "@weekly", "0 0 * * 0",
              "@monthly", "0 0 1 * *",
              "@yearly", "0 0 1 1 *",
              "@annually", "0 0 1 1 *"));

  /** The calendar repeats after so many years: what does not occur within them never does. */
  private static final int CALENDAR_PERIOD_YEARS = 400;

  private static final int HOURS = 24;

  private final BitSet minutes;
  private final BitSet hours;
  private final BitSet daysOfMonth;
  private final BitSet months;
  private final BitSet weekdays;

  /** Whether a day that one of the two fields names is enough. */
  private final boolean eitherDay;

  private Crontab(String[] fields) {
    this.minutes = numbers(CrontabField.MINUTE, fields);
    this.hours = numbers(CrontabField.HOUR, fields);
    this.daysOfMonth = numbers(CrontabField.DAY_OF_MONTH, fields);
    this.months = numbers(CrontabField.MONTH, fields);
    this.weekdays = numbers(CrontabField.WEEKDAY, fields);
    // cron(8): a field that begins with a star, also one with a step, does not count by itself.
    this.eitherDay =
        !CrontabField.DAY_OF_MONTH.of(fields).startsWith("*")
            && !CrontabField.WEEKDAY.of(fields).startsWith("*");
  }

  private static BitSet numbers(CrontabField field, String[] fields) {
    return field.numbers(field.of(fields));
  }

  /**
   * Reads five fields, or a word.
   *
   * @throws CronSyntaxException if they cannot be read
   */
  public static Crontab parse(String expression) {
    String text = expression.strip();
    if (text.startsWith("@")) {
      String fields = WORDS.get(text);
      if (fields == null) {
        throw new CronSyntaxException(
            "'" + text + "' is not valid; expected " + String.join(", ", WORDS.keySet()));
      }
      text = fields;
    }
    String[] fields = text.split("[ \t]+", -1);
    if (fields.length != CrontabField.values().length) {
      throw new CronSyntaxException(
          "expected five fields (minute, hour, day of month, month, weekday), found "
              + (text.isEmpty() ? 0 : fields.length));
    }
    return new Crontab(fields);
  }

  @Override
  public Optional<LocalDateTime> next(LocalDateTime after) {
    LocalDateTime from = after.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
    LocalDate today = from.toLocalDate();
    if (hasDay(today)) {
      Optional<LocalTime> time = timeFrom(from.toLocalTime());
      if (time.isPresent()) {
        return time.map(today::atTime);
      }
    }
    return dayFrom(today.plusDays(1))
        .map(day -> day.atTime(hours.nextSetBit(0), minutes.nextSetBit(0)));
  }

  @Override
  public boolean inEachHour() {
    return hours.cardinality() == HOURS;
  }

  private boolean hasDay(LocalDate day) {
    boolean byMonth = daysOfMonth.get(day.getDayOfMonth());
    boolean byWeek = weekdays.get(day.getDayOfWeek().getValue() % 7);
    return months.get(day.getMonthValue()) && (eitherDay ? byMonth || byWeek : byMonth && byWeek);
  }

  private Optional<LocalDate> dayFrom(LocalDate first) {
    LocalDate end = first.plusYears(CALENDAR_PERIOD_YEARS);
    LocalDate day = first;
    while (day.isBefore(end)) {
      if (!months.get(day.getMonthValue())) {
        day = day.withDayOfMonth(1).plusMonths(1);
      } else if (hasDay(day)) {
        return Optional.of(day);
      } else {
        day = day.plusDays(1);
      }
    }
    return Optional.empty();
  }

  private Optional<LocalTime> timeFrom(LocalTime first) {
    int minute = minutes.nextSetBit(first.getMinute());
    if (hours.get(first.getHour()) && minute >= 0) {
      return Optional.of(LocalTime.of(first.getHour(), minute));
    }
    int hour = hours.nextSetBit(first.getHour() + 1);
    return hour < 0 ? Optional.empty() : Optional.of(LocalTime.of(hour, minutes.nextSetBit(0)));
  }
}
