package io.coord.selftest.demo;

import io.coord.selftest.harness.Api;
import io.coord.selftest.harness.Board;
import io.coord.selftest.harness.Colour;
import io.coord.selftest.harness.Terminal;
import io.coord.selftest.harness.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Tells what was measured. */
final class Report {
  private static final int WIDE = 90;

  /** "out of memory, signal KILL" and a little more. */
  private static final int LAST_CRASH_WIDTH = 28;

  private final Terminal terminal;
  private final Findings found;

  Report(Terminal terminal, Findings found) {
    this.terminal = terminal;
    this.found = found;
  }

  /** The table of the five. */
  void table() {
    boolean wide = terminal.columns() >= WIDE;
    Grid grid =
        new Grid(
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
    for (String id : Cast.IDS) {
      Api.Seen seen = found.of(id).seen();
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
              found.memoryPeak(id).map(Words::mebibytes).orElse("-"),
              found.seconds(id).map(s -> Words.seconds(s).replace(" s", "")).orElse("-"),
              crash));
    }
    terminal.line("");
    grid.lines(terminal.columns()).forEach(terminal::line);
    terminal.line("");
  }

  /** What is worth knowing and is neither right nor wrong. */
  void notes(List<String> more, Board board, Optional<Duration> daemonStop) {
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
            + Words.seconds(found.elapsed())
            + daemonStop
                .map(time -> "; the coordinator ended within " + Words.seconds(time))
                .orElse("")
            + ".");
    terminal.line("");
    notes.forEach(note -> terminal.paragraph("· " + note, "  "));
  }
}
