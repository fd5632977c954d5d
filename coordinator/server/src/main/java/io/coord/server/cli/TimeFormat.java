package io.coord.server.cli;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How times are printed. */
final class TimeFormat {
  /** Local date and time, to the second. */
  static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  /** A local time with its weekday and offset; the time brings its zone. */
  static final DateTimeFormatter WITH_OFFSET =
      DateTimeFormatter.ofPattern("EEE yyyy-MM-dd HH:mm:ss xxx", Locale.ROOT);

  private TimeFormat() {}
}
