package io.coord.scheduler.quartz;

import io.coord.scheduler.core.schedule.CronTimes;
import java.text.ParseException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.Optional;
import java.util.TimeZone;
import org.quartz.CronExpression;

/**
 * Cron times in one time zone. Takes the five fields of cron(8) ({@code 30 2 * * 1-5}) as well as
 * Quartz' six or seven, which begin with the second. Threads may share it.
 */
public final class QuartzCronTimes implements CronTimes {
  private static final int FIELDS_OF_CRON = 5;
  private static final int DAY_OF_MONTH = 2;
  private static final int DAY_OF_WEEK = 4;

  private final TimeZone zone;

  public QuartzCronTimes(ZoneId zone) {
    this.zone = TimeZone.getTimeZone(zone);
  }

  @Override
  public Optional<Instant> next(String cron, Instant after) {
    String[] fields = cron.strip().split("\\s+", -1);
    if (fields.length == FIELDS_OF_CRON
        && isRestricted(fields[DAY_OF_MONTH])
        && isRestricted(fields[DAY_OF_WEEK])) {
      // As in crontab(5): on days that either of the two fields names. Quartz knows only one.
      Optional<Instant> byMonth = nextOf(with(fields, DAY_OF_WEEK), after);
      Optional<Instant> byWeek = nextOf(with(fields, DAY_OF_MONTH), after);
      return byMonth.isEmpty() || byWeek.isEmpty()
          ? Optional.empty()
          : Optional.of(byMonth.get().isBefore(byWeek.get()) ? byMonth.get() : byWeek.get());
    }
    return nextOf(cron, after);
  }

  /** What begins with a star, as in {@code *}{@code /2}, is no restriction to cron(8). */
  private static boolean isRestricted(String field) {
    return !field.startsWith("*") && !field.startsWith("?");
  }

  private static String with(String[] fields, int anyDay) {
    String[] copy = fields.clone();
    copy[anyDay] = "*";
    return String.join(" ", copy);
  }

  private Optional<Instant> nextOf(String cron, Instant after) {
    try {
      CronExpression expression = new CronExpression(inQuartzWords(cron));
      expression.setTimeZone(zone);
      Date next = expression.getNextValidTimeAfter(Date.from(after));
      return Optional.ofNullable(next).map(Date::toInstant);
    } catch (ParseException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Quartz wants a second, and {@code ?} in one of the two fields that name days. */
  private static String inQuartzWords(String cron) {
    String[] fields = cron.strip().split("\\s+", -1);
    if (fields.length != FIELDS_OF_CRON) {
      return cron;
    }
    if (fields[DAY_OF_WEEK].equals("*")) {
      fields[DAY_OF_WEEK] = "?";
    } else {
      fields[DAY_OF_WEEK] = weekdays(fields[DAY_OF_WEEK]);
      if (fields[DAY_OF_MONTH].equals("*")) {
        fields[DAY_OF_MONTH] = "?";
      }
    }
    return "0 " + String.join(" ", fields);
  }

  /** cron(8) counts from Sunday = 0, and 7 is Sunday too; Quartz from Sunday = 1. */
  private static String weekdays(String field) {
    StringBuilder out = new StringBuilder();
    boolean step = false;
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c >= '0' && c <= '7' && !step) {
        out.append((char) ('1' + (c - '0') % 7));
      } else {
        out.append(c);
      }
      step = c == '/' || c == '#' || (step && Character.isDigit(c));
    }
    return out.toString();
  }
}
