package io.coord.selftest.demo;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.BoardFixture;
import io.coord.selftest.harness.Colour;
import io.coord.selftest.harness.Formats;
import io.coord.selftest.harness.Terminal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Tells what was measured. */
final class DemoReport {
  private static final int WIDE = 90;

  /** "out of memory, signal KILL" and a little more. */
  private static final int LAST_CRASH_WIDTH = 28;

  private final Terminal terminal;
  private final DemoEvidence found;

  DemoReport(Terminal terminal, DemoEvidence found) {
    this.terminal = terminal;
    this.found = found;
  }

  /** The table of the five. */
  void table() {
    boolean wide = terminal.columns() >= WIDE;
    WrappingTable grid =
        new WrappingTable(
            terminal.coloured(),
            LAST_CRASH_WIDTH,
            "last crash: ",
            wide
                ? List.of(
                    "id",
                    "state",
                    "runs",
                    "crashes",
                    "interr.",
                    "cycle",
                    "peak",
                    "sec",
                    "last crash")
                : List.of(
                    "id", "state", "runs", "crash", "intr", "cycle", "peak", "sec", "last crash"));
    for (String id : DemoExperiments.IDS) {
      ApiClient.Seen seen = found.of(id).seen();
      String crash = found.lastCrash(id);
      grid.add(
          Colour.ofState(seen.state()),
          List.of(
              id,
              seen.state(),
              Integer.toString(seen.runs()),
              Integer.toString(seen.crashes()),
              Integer.toString(seen.interruptions()),
              seen.cycle().isPresent()
                  ? seen.cycle().getAsInt()
                      + (seen.of().isPresent() ? "/" + seen.of().getAsInt() : "")
                  : "-",
              found.memoryPeak(id).map(Formats::mebibytes).orElse("-"),
              found.seconds(id).map(s -> Formats.seconds(s).replace(" s", "")).orElse("-"),
              crash));
    }
    terminal.line("");
    grid.lines(terminal.columns()).forEach(terminal::line);
    terminal.line("");
  }

  /** What is worth knowing and is neither right nor wrong. */
  void notes(List<String> more, BoardFixture board, Optional<Duration> daemonStop) {
    List<String> notes = new ArrayList<>(more);
    notes.add(board.words());
    notes.add(
        "coord enqueue took "
            + found.enqueueTimes().stream()
                .map(time -> Long.toString(time.toMillis()))
                .collect(Collectors.joining(" "))
            + " ms, each one durable commit and the start of a client.");
    if (!found.daemonPeakMemory().isEmpty()) {
      notes.add("The coordinator had at most " + found.daemonPeakMemory() + " resident.");
    }
    notes.add(
        "From the first enqueue to the end of the last experiment: "
            + Formats.seconds(found.elapsed())
            + daemonStop
                .map(time -> "; the coordinator ended within " + Formats.seconds(time))
                .orElse("")
            + ".");
    terminal.line("");
    notes.forEach(note -> terminal.paragraph("· " + note, "  "));
  }
}
