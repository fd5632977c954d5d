package io.coord.daemon;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Logging to standard error, for the journal or for people. */
final class Logging {
  static {
    // Before the first logger is made.
    System.setProperty("java.util.logging.manager", OpenToTheEnd.class.getName());
  }

  /** Libraries that say at INFO, or at ERROR, what is our business to say in our words. */
  private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

  /**
   * Log what a client sends or how it leaves: requests that are no valid HTTP, and an end of a
   * connection that overtakes its refusal. It is answered, and no event.
   */
  private static final List<Logger> JETTY_CLIENTS =
      List.of(
          Logger.getLogger("org.eclipse.jetty.http"),
          Logger.getLogger("org.eclipse.jetty.util.HostPort"),
          Logger.getLogger("org.eclipse.jetty.util.thread.SerializedInvoker"));

  private static final Logger DBUS = Logger.getLogger("org.freedesktop");

  private Logging() {}

  /** Sets logging up for this process. */
  static void setUp(Map<String, String> environment) {
    for (Handler standard : Logger.getLogger("").getHandlers()) {
      Logger.getLogger("").removeHandler(standard);
    }
    Handler handler = new ConsoleHandler();
    handler.setLevel(Level.ALL);
    handler.setFilter(new LogRateLimit());
    handler.setFormatter(
        environment.containsKey("JOURNAL_STREAM") ? new ForJournal() : new ForPeople());
    Logger.getLogger("").addHandler(handler);
    Logger.getLogger("").setLevel(Level.INFO);
    JETTY.setLevel(Level.WARNING);
    JETTY_CLIENTS.forEach(logger -> logger.setLevel(Level.OFF));
    DBUS.setLevel(Level.OFF);
  }

  /** Java closes the log as soon as the process is asked to end: what it does then is said, too. */
  public static final class OpenToTheEnd extends LogManager {
    @Override
    public void reset() {
      // Called by that end only.
    }
  }

  /** Puts the priority before every line; the journal keeps it and takes it off. */
  static final class ForJournal extends Formatter {
    @Override
    public String format(LogRecord record) {
      String prefix = "<" + priority(record.getLevel()) + ">";
      return text(this, record)
          .lines()
          .map(line -> prefix + line + "\n")
          .reduce("", String::concat);
    }

    private static int priority(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return 3;
      }
      if (level.intValue() >= Level.WARNING.intValue()) {
        return 4;
      }
      return level.intValue() >= Level.INFO.intValue() ? 6 : 7;
    }
  }

  /** Time, level where it is not the usual one, message. */
  static final class ForPeople extends Formatter {
    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

    @Override
    public String format(LogRecord record) {
      Instant at = record.getInstant();
      String level = record.getLevel().equals(Level.INFO) ? "" : record.getLevel().getName() + " ";
      return TIME.format(at) + " " + level + text(this, record) + "\n";
    }
  }

  private static String text(Formatter formatter, LogRecord record) {
    StringWriter text = new StringWriter();
    text.write(formatter.formatMessage(record));
    Throwable thrown = record.getThrown();
    if (thrown != null) {
      text.write("\n");
      thrown.printStackTrace(new PrintWriter(text, true));
    }
    return text.toString().stripTrailing();
  }
}
