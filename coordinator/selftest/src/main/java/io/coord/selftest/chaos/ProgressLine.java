package io.coord.selftest.chaos;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Formats;
import io.coord.selftest.harness.Terminal;
import java.time.Duration;
import java.util.List;

/** The progress: one line that is redrawn in place, or a plain line every few seconds. */
final class ProgressLine {
  private static final Duration BETWEEN_PLAIN_LINES = Duration.ofSeconds(5);

  private final Terminal terminal;
  private Duration next = Duration.ZERO;
  private boolean drawn;

  ProgressLine(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Shows the progress. */
  void show(Duration elapsed, String stage, FaultInjector injector, Acks acks, int runs) {
    if (!terminal.live() && elapsed.compareTo(next) < 0) {
      return;
    }
    next = elapsed.plus(BETWEEN_PLAIN_LINES);
    List<ApiClient.Seen> listed = injector.listed();
    DaemonHistory daemons = injector.daemons();
    String line =
        "%4d s  %s: %s, %s; %s, %d not ended, %s"
            .formatted(
                elapsed.toSeconds(),
                stage,
                Formats.count(daemons.kills(), "SIGKILL"),
                Formats.count(daemons.terminations(), "SIGTERM"),
                Formats.count(acks.printed().size(), "id"),
                listed.stream().filter(seen -> !seen.isOver()).count(),
                Formats.count(runs, "run"));
    if (terminal.live()) {
      terminal.measure();
      terminal.write("\r" + Formats.cut(line, terminal.columns() - 1) + "\033[K");
      drawn = true;
    } else {
      terminal.line(Formats.cut(line, terminal.columns()));
    }
  }

  /** Removes the line. */
  void end() {
    if (drawn) {
      terminal.write("\r\033[K");
      drawn = false;
    }
  }
}
