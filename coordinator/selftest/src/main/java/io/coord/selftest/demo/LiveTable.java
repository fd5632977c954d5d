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
import java.util.OptionalInt;

/** The experiments as they go: a table that is drawn anew in place, or else one line a change. */
final class LiveTable {
  private static final int WIDE = 90;

  /** Most reasons are a whole sentence. */
  private static final int REASON_WIDTH = 50;

  private static final int FRAMES_BETWEEN_MEASUREMENTS = 8;
  private static final int WIDEST_BAR = 10;
  private static final int NARROW_BAR = 5;
  private static final double COLDEST_SHOWN = 30;
  private static final double HOTTEST_SHOWN = 90;

  private final Terminal terminal;
  private final Workspace place;
  private final Instant began = Instant.now();
  private int linesDrawn;
  private int frames;

  LiveTable(Terminal terminal, Workspace place) {
    this.terminal = terminal;
    this.place = place;
  }

  /** Shows what is new. */
  void show(Timeline story, Duration elapsed) {
    List<Timeline.News> news = story.news();
    if (!terminal.live()) {
      for (Timeline.News one : news) {
        Duration at = Duration.between(began, one.at());
        terminal.line(Formats.padded(Formats.seconds(at), 9) + one.line());
      }
      return;
    }
    if (++frames % FRAMES_BETWEEN_MEASUREMENTS == 0) {
      terminal.measure();
    }
    List<String> lines = lines(story, elapsed);
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

  private List<String> lines(Timeline story, Duration elapsed) {
    int columns = terminal.columns();
    ApiClient.Status status = story.status();
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
                    place.folder()),
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
                ? List.of("id", "state", "cycle", "runs", "crashes", "interr.", "reason")
                : List.of("id", "state", "cycle", "runs", "crash", "intr", "reason"));
    for (ApiClient.Seen seen : story.experiments()) {
      grid.add(
          Colour.ofState(seen.state()),
          List.of(
              seen.id(),
              Formats.padded(seen.state(), "restarting".length()),
              Formats.padded(
                  bar(seen.cycle(), seen.of(), wide ? WIDEST_BAR : NARROW_BAR),
                  (wide ? WIDEST_BAR : NARROW_BAR) + " 10/10".length()),
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
    int full = (int) Math.round(Math.max(0, Math.min(1, share)) * WIDEST_BAR);
    return "▮".repeat(full) + "▯".repeat(WIDEST_BAR - full);
  }

  private static String bar(OptionalInt cycle, OptionalInt of, int width) {
    if (cycle.isEmpty() || of.isEmpty() || of.getAsInt() == 0) {
      return "░".repeat(width) + " -";
    }
    int full = Math.min(width, cycle.getAsInt() * width / of.getAsInt());
    return "█".repeat(full)
        + "░".repeat(width - full)
        + " "
        + cycle.getAsInt()
        + "/"
        + of.getAsInt();
  }
}
