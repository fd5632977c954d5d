package io.coord.runner;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them, in the notation of {@code systemd.time(7)}. */
public final class Durations {
  /** No duration that means something is longer; a bound for the arithmetic. */
  private static final int LONGEST_TEXT = 64;

  private static final Pattern TERM = Pattern.compile("\\s*(\\d+(?:\\.\\d+)?)\\s*([a-z]*)\\s*");
  private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000);
  private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(Long.MAX_VALUE);

  private Durations() {}

  /**
   * The time that a text such as {@code 5s}, {@code 100ms}, {@code 2min}, {@code 1h30min}, {@code
   * 1h 3min}, {@code 1.5h} or {@code 300} (seconds) means.
   *
   * @return empty if it is no duration; what is longer than a {@link Duration} can be is cut to
   *     {@link Long#MAX_VALUE} seconds
   */
  public static Optional<Duration> parse(String text) {
    if (text.isBlank() || text.length() > LONGEST_TEXT) {
      return Optional.empty();
    }
    BigDecimal seconds = BigDecimal.ZERO;
    Matcher term = TERM.matcher(text);
    for (int at = 0; at < text.length(); at = term.end()) {
      if (!term.region(at, text.length()).lookingAt()) {
        return Optional.empty();
      }
      String unit = term.group(2);
      boolean alone = at == 0 && term.end() == text.length();
      Optional<BigDecimal> perUnit = secondsPer(unit);
      // A bare number is seconds only where it is all there is: "1h 30" might mean minutes.
      if (perUnit.isEmpty() || (unit.isEmpty() && !alone)) {
        return Optional.empty();
      }
      seconds = seconds.add(new BigDecimal(term.group(1)).multiply(perUnit.get()));
    }
    return Optional.of(ofSeconds(seconds));
  }

  /**
   * The duration in full, to the millisecond: {@code 1h 3min}, {@code 5s}, {@code 1min 30.5s},
   * {@code 100ms}, {@code 0s}. {@link #parse} reads it back.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public static String format(Duration duration) {
    return String.join(" ", terms(duration));
  }

  /**
   * The two largest parts of the duration, the rest cut off: {@code 2d 4h} for two days, four hours
   * and some minutes. For tables.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public static String brief(Duration duration) {
    boolean overOneMinute = duration.toSeconds() >= 60;
    List<String> terms = terms(overOneMinute ? Duration.ofSeconds(duration.toSeconds()) : duration);
    return String.join(" ", terms.subList(0, Math.min(2, terms.size())));
  }

  private static List<String> terms(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("negative duration: " + duration);
    }
    List<String> terms = new ArrayList<>();
    addTerm(terms, duration.toDays(), "d");
    addTerm(terms, duration.toHoursPart(), "h");
    addTerm(terms, duration.toMinutesPart(), "min");
    int seconds = duration.toSecondsPart();
    int millis = duration.toMillisPart();
    if (seconds == 0) {
      addTerm(terms, millis, "ms");
    } else {
      terms.add(
          BigDecimal.valueOf(seconds * 1000L + millis, 3).stripTrailingZeros().toPlainString()
              + "s");
    }
    return terms.isEmpty() ? List.of("0s") : terms;
  }

  private static void addTerm(List<String> terms, long count, String unit) {
    if (count > 0) {
      terms.add(count + unit);
    }
  }

  private static Optional<BigDecimal> secondsPer(String unit) {
    return switch (unit) {
      case "ms", "msec" -> Optional.of(BigDecimal.valueOf(1, 3));
      case "", "s", "sec", "second", "seconds" -> Optional.of(BigDecimal.ONE);
      case "m", "min", "minute", "minutes" -> Optional.of(BigDecimal.valueOf(60));
      case "h", "hr", "hour", "hours" -> Optional.of(BigDecimal.valueOf(3_600));
      case "d", "day", "days" -> Optional.of(BigDecimal.valueOf(86_400));
      case "w", "week", "weeks" -> Optional.of(BigDecimal.valueOf(604_800));
      default -> Optional.empty();
    };
  }

  private static Duration ofSeconds(BigDecimal seconds) {
    if (seconds.compareTo(MAX_SECONDS) >= 0) {
      return Duration.ofSeconds(Long.MAX_VALUE);
    }
    BigDecimal whole = seconds.setScale(0, RoundingMode.DOWN);
    long nanos = seconds.subtract(whole).multiply(NANOS_PER_SECOND).longValue();
    return Duration.ofSeconds(whole.longValueExact(), nanos);
  }
}
