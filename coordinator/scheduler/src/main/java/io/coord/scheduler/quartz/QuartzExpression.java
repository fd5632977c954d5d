package io.coord.scheduler.quartz;

import io.coord.scheduler.cron.CronSyntaxException;
import io.coord.scheduler.cron.LocalTimes;
import java.text.ParseException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import org.quartz.CronExpression;

/**
 * The times of a Quartz expression: six or seven fields, of which the first is the second and the
 * last may be the year. The weekday is counted from Sunday = 1; {@code L}, {@code W} and {@code #}
 * are known.
 */
public final class QuartzExpression implements LocalTimes {
  private static final int HOUR = 2;
  private static final Set<String> EACH_HOUR = Set.of("*", "*/1", "0/1", "0-23");

  private final CronExpression expression;
  private final boolean inEachHour;

  private QuartzExpression(CronExpression expression, boolean inEachHour) {
    this.expression = expression;
    this.inEachHour = inEachHour;
    // A calendar without changes of the clock: the zone is not the expression's concern.
    expression.setTimeZone(TimeZone.getTimeZone(ZoneOffset.UTC));
  }

  /**
   * Reads an expression.
   *
   * @throws CronSyntaxException if it cannot be read
   */
  public static QuartzExpression parse(String text) {
    try {
      String hour = text.split("[ \t]+", -1)[HOUR];
      return new QuartzExpression(new CronExpression(text), EACH_HOUR.contains(hour));
    } catch (ParseException | IllegalArgumentException e) {
      throw new CronSyntaxException(
          "six or seven fields begin with the second, as in Quartz: " + reason(e));
    }
  }

  /** Quartz names its own exceptions in brackets, which tells a user nothing. */
  private static String reason(Exception problem) {
    return String.valueOf(problem.getMessage()).replaceAll(" \\(java\\..*\\)", "");
  }

  @Override
  public Optional<LocalDateTime> next(LocalDateTime after) {
    Date next = expression.getNextValidTimeAfter(Date.from(after.toInstant(ZoneOffset.UTC)));
    return Optional.ofNullable(next)
        .map(date -> LocalDateTime.ofInstant(date.toInstant(), ZoneOffset.UTC));
  }

  @Override
  public boolean inEachHour() {
    return inEachHour;
  }
}
