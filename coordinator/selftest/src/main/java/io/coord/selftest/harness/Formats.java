package io.coord.selftest.harness;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/** Numbers as they are shown. */
public final class Formats {
  private static final Pattern COLOUR = Pattern.compile("\033\\[[0-9;]*m");

  private Formats() {}

  public static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1fM", bytes / (double) (1 << 20));
  }

  public static String seconds(Duration time) {
    double seconds = time.toMillis() / 1000.0;
    return String.format(Locale.ROOT, seconds < 1 ? "%.2f s" : "%.1f s", seconds);
  }

  public static String celsius(double degrees) {
    return String.format(Locale.ROOT, "%.1f °C", degrees);
  }

  /** A number and its noun. */
  public static String count(long n, String one) {
    return n + " " + one + (n == 1 ? "" : one.endsWith("sh") ? "es" : "s");
  }

  /** How many columns it takes; colours take none. */
  public static int width(String text) {
    String bare = text.indexOf('\033') < 0 ? text : COLOUR.matcher(text).replaceAll("");
    return bare.codePointCount(0, bare.length());
  }

  public static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - width(text)));
  }

  public static String cut(String text, int width) {
    if (width(text) <= width) {
      return text;
    }
    return width < 1 ? "" : text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
  }
}
