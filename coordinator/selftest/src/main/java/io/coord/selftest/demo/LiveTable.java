package io.coord.selftest.demo;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Colour;
import io.coord.selftest.harness.Formats;
import io.coord.selftest.harness.Terminal;
import io.coord.selftest.harness.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The experiments while they run: a table redrawn in place, or else one line for each change. */
final class LiveTable {
  private static final int WIDE = 90;

  /** Most reasons are a whole sentence. */
  private static final int REASON_WIDTH = 50;

  private static final int FRAMES_BETWEEN_MEASUREMENTS = 8;
  private static final int WIDE_BAR = 10;
  private static final int NARROW_BAR = 5;
  private static final double COLDEST_SHOWN = 30;
  private static final double HOTTEST_SHOWN = 90;

  private final Terminal terminal;
  private final Workspace workspace;
  private final Instant started = Instant.now();
  private int linesDrawn;
  private int frames;

  LiveTable(Terminal terminal, Workspace workspace) {
    this.terminal = terminal;
    this.workspace = workspace;
  }

  /** Shows what has changed. */
  void show(Timeline timeline, Duration elapsed) {
    List<Timeline.News> news = timeline.news();
    if (!terminal.live()) {
      for (Timeline.News one : news) {
        Duration at = Duration.between(started, one.at());
        terminal.line(Formats.padded(Formats.seconds(at), 9) + one.line());
      }
      return;
    }
    if (++frames % FRAMES_BETWEEN_MEASUREMENTS == 0) {
      terminal.measure();
    }
    List<String> lines = lines(timeline, elapsed);
    StringBuilder frame = new StringBuilder();
    if (linesDrawn == 0) {
      frame.append("\033[?25l");
    } else {
      frame.append("\033[").append(linesDrawn).append("A");
    }
    for (String line : lines) {
      frame.append("\r").append(line).append("\033[K\n");
    }
    frame.append("\033[J");
    terminal.write(frame.toString());
    linesDrawn = lines.size();
  }

  /** Leaves the table as it is and gives the cursor back. */
  void end() {
    if (linesDrawn > 0) {
      terminal.write("\033[?25h");
      linesDrawn = 0;
    }
  }

  private List<String> lines(Timeline timeline, Duration elapsed) {
    int columns = terminal.columns();
    ApiClient.Status status = timeline.status();
    List<String> lines = new ArrayList<>();
    lines.add(
        Formats.cut(
            "%s   %d of %d slots, %s of %dM reserved   %s"
                .formatted(
                    Formats.padded(Formats.seconds(elapsed), 7),
                    status.slotsTaken(),
                    DemoExperiments.SLOTS,
                    Formats.mebibytes(status.reservedRamBytes()).replace(".0M", "M"),
                    DemoExperiments.TOTAL_RAM_MIB,
                    workspace.folder()),
            columns));
    String hottest =
        status.hottest().isPresent()
            ? Formats.celsius(status.hottest().getAsDouble())
            : "no reading";
    String heat = "board   " + hottest + "  " + thermometer(status) + "  ";
    lines.add(
        Formats.cut(heat, columns)
            + terminal.paint(
                Colour.ofState(status.heat()),
                Formats.cut(status.heat(), columns - Formats.width(heat)))
            + Formats.cut(
                "  (" + Formats.count(status.zonesOffline(), "zone") + " offline)",
                columns - Formats.width(heat) - Formats.width(status.heat())));
    lines.add("");
    boolean wide = columns >= WIDE;
    WrappingTable grid =
        new WrappingTable(
            terminal.coloured(),
            REASON_WIDTH,
            "",
            wide
                ? List.of("id", "state", "cycle", "runs", "crashes", "interrupted", "reason")
                : List.of("id", "state", "cycle", "runs", "crash", "intr", "reason"));
    for (ApiClient.Seen seen : timeline.experiments()) {
      grid.add(
          Colour.ofState(seen.state()),
          List.of(
              seen.id(),
              Formats.padded(seen.state(), "restarting".length()),
              Formats.padded(
                  bar(seen.cycle(), wide ? WIDE_BAR : NARROW_BAR),
                  (wide ? WIDE_BAR : NARROW_BAR) + " 10/10".length()),
              Integer.toString(seen.runs()),
              Integer.toString(seen.crashes()),
              Integer.toString(seen.interruptions()),
              seen.reason()));
    }
    lines.addAll(grid.lines(columns));
    return lines;
  }

  private static String thermometer(ApiClient.Status status) {
    double share =
        (status.hottest().orElse(COLDEST_SHOWN) - COLDEST_SHOWN) / (HOTTEST_SHOWN - COLDEST_SHOWN);
    int full = (int) Math.round(Math.max(0, Math.min(1, share)) * WIDE_BAR);
    return "▮".repeat(full) + "▯".repeat(WIDE_BAR - full);
  }

  private static String bar(ApiClient.Cycle cycle, int width) {
    if (cycle.number().isEmpty() || cycle.of().orElse(0) == 0) {
      return "░".repeat(width) + " -";
    }
    int number = cycle.number().getAsInt();
    int of = cycle.of().getAsInt();
    int full = Math.min(width, number * width / of);
    return "█".repeat(full) + "░".repeat(width - full) + " " + number + "/" + of;
  }
}
