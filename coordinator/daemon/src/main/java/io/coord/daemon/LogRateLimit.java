package io.coord.daemon;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Lets through a few warnings and errors of each cause in a minute. The first one of the next
 * minute says how many were left out. All else is the history of the experiments, and complete.
 * Threads may share it.
 */
final class LogRateLimit implements Filter {
  static final int PER_MINUTE = 20;

  private static final Duration PERIOD = Duration.ofMinutes(1);

  /** Causes are places in the program and kinds of exception, of which there are few. */
  private static final int MAX_CAUSES = 1000;

  private final Map<String, Count> counts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
          return size() > MAX_CAUSES;
        }
      };

  private static final class Count {
    private Instant since;
    private int passed;
    private int leftOut;

    Count(Instant since) {
      this.since = since;
    }
  }

  @Override
  public synchronized boolean isLoggable(LogRecord record) {
    if (record.getLevel().intValue() < Level.WARNING.intValue()) {
      return true;
    }
    Count count = counts.computeIfAbsent(causeOf(record), cause -> new Count(record.getInstant()));
    Duration age = Duration.between(count.since, record.getInstant());
    if (age.isNegative() || age.compareTo(PERIOD) >= 0) {
      if (count.leftOut > 0) {
        record.setMessage(
            record.getMessage() + " (and " + count.leftOut + " of the same cause, not logged)");
      }
      count.since = record.getInstant();
      count.passed = 0;
      count.leftOut = 0;
    }
    if (count.passed >= PER_MINUTE) {
      count.leftOut++;
      return false;
    }
    count.passed++;
    return true;
  }

  /** The place in the program, and the kind of exception. */
  private static String causeOf(LogRecord record) {
    Throwable thrown = record.getThrown();
    return record.getLoggerName()
        + '|'
        + record.getLevel()
        + '|'
        + record.getSourceClassName()
        + '|'
        + record.getSourceMethodName()
        + '|'
        + (thrown == null ? "" : thrown.getClass().getName());
  }
}
