package io.coord.selftest.chaos;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Formats;
import io.coord.selftest.harness.Terminal;
import java.time.Duration;
import java.util.List;

/** How far it is: one line that is written over, or a plain line now and then. */
final class ProgressLine {
  private static final Duration BETWEEN_PLAIN_LINES = Duration.ofSeconds(5);

  private final Terminal terminal;
  private Duration next = Duration.ZERO;
  private boolean drawn;

  ProgressLine(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Shows how it stands after so long. */
  void show(Duration elapsed, String stage, Chaos chaos, Acks promises, int runs) {
    if (!terminal.live() && elapsed.compareTo(next) < 0) {
      return;
    }
    next = elapsed.plus(BETWEEN_PLAIN_LINES);
    List<ApiClient.Seen> listed = chaos.listed();
    RunHistory lives = chaos.lives();
    String line =
        "%4d s  %s: %s, %s; %s, %d not over, %s"
            .formatted(
                elapsed.toSeconds(),
                stage,
                Formats.count(lives.kills(), "SIGKILL"),
                Formats.count(lives.terminations(), "SIGTERM"),
                Formats.count(promises.printed().size(), "id"),
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

  /** Takes the line away. */
  void end() {
    if (drawn) {
      terminal.write("\r\033[K");
      drawn = false;
    }
  }
}
