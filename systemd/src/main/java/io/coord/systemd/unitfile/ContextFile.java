package io.coord.systemd.unitfile;

import io.coord.systemd.RunContext;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The file with the base of the next run's context, as {@code prepare-run} reads it: the counters
 * in the first line, every other variable as in the run's environment file.
 *
 * <pre>
 * #context RECORDS_SEEN RUN CRASH_COUNT RESUME
 * #origin 0123456789abcdef0123456789abcdef
 * COORD_LAST_CYCLE="17"
 * </pre>
 */
final class ContextFile {
  /** The number of the run, from 1. */
  static final String RUN = "COORD_RUN";

  /** The number of crashes before the run. */
  static final String CRASH_COUNT = "COORD_CRASH_COUNT";

  /** 1 if an earlier run has started the work, otherwise 0. */
  static final String RESUME = "COORD_RESUME";

  private ContextFile() {}

  static String text(RunContext context) {
    Map<String, String> others = new TreeMap<>(context.variables());
    int run = number(others.remove(RUN), 1);
    int crashes = number(others.remove(CRASH_COUNT), 0);
    int resume = number(others.remove(RESUME), 0);
    StringBuilder text = new StringBuilder();
    text.append("#context ").append(context.recordsSeen()).append(' ').append(run);
    text.append(' ').append(crashes).append(' ').append(resume).append('\n');
    context.origin().ifPresent(origin -> text.append("#origin ").append(origin).append('\n'));
    others.forEach((name, value) -> text.append(UnitText.environmentFileLine(name, value)));
    return text.toString();
  }

  private static int number(@Nullable String text, int defaultValue) {
    return text == null ? defaultValue : Integer.parseInt(text);
  }
}
