package io.coord.runner;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Amounts of memory as people write them. K, M, G and T are powers of 1024, as in {@code
 * systemd.resource-control(5)}.
 */
public final class ByteSize {
  /** No size that means something is longer; a bound for the arithmetic. */
  private static final int LONGEST_TEXT = 40;

  private static final int MAX_DECIMALS = 3;

  private static final String UNITS = "BKMGT";
  private static final BigDecimal UNIT_STEP = BigDecimal.valueOf(1024);
  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  /** {@code MB} is left out on purpose: it may mean 1000 or 1024. */
  private static final Pattern SIZE =
      Pattern.compile("(\\d+(?:\\.\\d+)?) ?(?:([KMGTkmgt])(?:i[Bb])?|B)?");

  private ByteSize() {}

  /**
   * The bytes that a text such as {@code 512M}, {@code 1.5G}, {@code 512MiB} or {@code 536870912}
   * means, rounded down.
   *
   * @return empty if it is no size; {@link Long#MAX_VALUE} for all that is larger
   */
  public static OptionalLong parse(String text) {
    if (text.length() > LONGEST_TEXT) {
      return OptionalLong.empty();
    }
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    String unit = matcher.group(2);
    int power = unit == null ? 0 : UNITS.indexOf(unit.toUpperCase(Locale.ROOT));
    BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(UNIT_STEP.pow(power));
    return OptionalLong.of(bytes.min(MOST).longValue());
  }

  /**
   * A short form for people, with one decimal at most: {@code 512M}, {@code 1.5G}, {@code 100B}.
   * What it loses by rounding is less than a twentieth of its last unit.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  public static String format(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("negative size: " + bytes);
    }
    return format(bytes, 1);
  }

  /**
   * Sizes to be read side by side: those that differ are never shown as the same text, but with as
   * many more decimals as it takes, three at most.
   */
  public static List<String> formatApart(long first, long second) {
    int decimals = 1;
    while (first != second
        && decimals < MAX_DECIMALS
        && format(first, decimals).equals(format(second, decimals))) {
      decimals++;
    }
    return List.of(format(first, decimals), format(second, decimals));
  }

  private static String format(long bytes, int decimals) {
    BigDecimal shown = BigDecimal.valueOf(bytes);
    int power = 0;
    // Rounded before it is compared, so that 1023.97M becomes 1G and not 1024M.
    while (rounded(shown, decimals).compareTo(UNIT_STEP) >= 0 && power < UNITS.length() - 1) {
      shown = shown.divide(UNIT_STEP);
      power++;
    }
    return rounded(shown, decimals).stripTrailingZeros().toPlainString() + UNITS.charAt(power);
  }

  private static BigDecimal rounded(BigDecimal value, int decimals) {
    return value.setScale(decimals, RoundingMode.HALF_UP);
  }
}
