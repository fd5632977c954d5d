package io.coord.scheduler.cron;

import io.coord.scheduler.core.schedule.CronTimes;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Cron times in one time zone. Where the zone's clocks are changed, the rules of cron(8) apply:
 *
 * <ul>
 *   <li>A time that the change skips is due right after the change, once.
 *   <li>A time that comes twice is due when it comes first.
 *   <li>Times in each hour are an interval: they are due whenever clocks show them.
 * </ul>
 *
 * <p>The answers depend on nothing but expression, zone and instant. Threads may share it.
 */
public final class ZonedCronTimes implements CronTimes {
  /** Longer ones are mistakes. */
  private static final int MAX_LENGTH = 256;

  private final ZoneId zone;
  private final Function<String, LocalTimes> withSeconds;

  /**
   * @param withSeconds reads expressions of six or seven fields, which begin with the second;
   *     throws {@link CronSyntaxException}
   */
  public ZonedCronTimes(ZoneId zone, Function<String, LocalTimes> withSeconds) {
    this.zone = zone;
    this.withSeconds = withSeconds;
  }

  @Override
  public ZoneId zone() {
    return zone;
  }

  @Override
  public Optional<String> problem(String cron) {
    try {
      parse(cron);
      return Optional.empty();
    } catch (CronSyntaxException e) {
      return Optional.of(e.reason());
    }
  }

  @Override
  public Optional<Instant> next(String cron, Instant after) {
    LocalTimes times;
    try {
      times = parse(cron);
    } catch (CronSyntaxException e) {
      return Optional.empty();
    }
    return times.inEachHour() ? nextOfInterval(times, after) : nextTime(times, after);
  }

  private LocalTimes parse(String cron) {
    if (cron.length() > MAX_LENGTH) {
      throw new CronSyntaxException("the expression is longer than " + MAX_LENGTH + " characters");
    }
    if (cron.chars().anyMatch(c -> c < ' ' && c != '\t')) {
      throw new CronSyntaxException("the expression contains a control character");
    }
    String text = cron.strip();
    int fields = text.split("[ \t]+", -1).length;
    return fields == 6 || fields == 7 ? withSeconds.apply(text) : Crontab.parse(text);
  }

  /**
   * INVARIANT: a later local time never has an earlier instant, so the local times up to the one
   * that clocks show at {@code after} need no look.
   */
  private Optional<Instant> nextTime(LocalTimes times, Instant after) {
    ZoneRules rules = zone.getRules();
    Optional<LocalDateTime> local = times.next(LocalDateTime.ofInstant(after, zone));
    // Several local times may have one instant, and those that come again have passed.
    while (local.isPresent() && !instant(local.get(), rules).isAfter(after)) {
      local = times.next(local.get());
    }
    return local.map(time -> instant(time, rules));
  }

  /** When clocks first show a local time, or skip it. */
  private static Instant instant(LocalDateTime local, ZoneRules rules) {
    List<ZoneOffset> offsets = rules.getValidOffsets(local);
    return offsets.isEmpty()
        ? rules.getTransition(local).getInstant()
        : local.toInstant(offsets.get(0));
  }

  private Optional<Instant> nextOfInterval(LocalTimes times, Instant after) {
    ZoneRules rules = zone.getRules();
    ZoneOffset offset = rules.getOffset(after);
    LocalDateTime from = LocalDateTime.ofInstant(after, offset);
    ZoneOffsetTransition change = rules.nextTransition(after);
    while (true) {
      Optional<LocalDateTime> local = times.next(from);
      if (local.isEmpty()) {
        return Optional.empty();
      }
      Instant instant = local.get().toInstant(offset);
      if (change == null || instant.isBefore(change.getInstant())) {
        return Optional.of(instant);
      }
      // Clocks are changed before they show it: the search goes on with what they show then.
      offset = change.getOffsetAfter();
      from = change.getDateTimeAfter().minusNanos(1);
      change = rules.nextTransition(change.getInstant());
    }
  }
}
