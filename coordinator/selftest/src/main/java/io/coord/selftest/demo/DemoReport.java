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

/** Prints what was measured. */
final class DemoReport {
  private static final int WIDE = 90;

  /** "out of memory, signal KILL" and a little more. */
  private static final int LAST_CRASH_WIDTH = 28;

  private final Terminal terminal;
  private final DemoEvidence evidence;

  DemoReport(Terminal terminal, DemoEvidence evidence) {
    this.terminal = terminal;
    this.evidence = evidence;
  }

  /** The table of the five experiments. */
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
                    "interrupted",
                    "cycle",
                    "peak",
                    "sec",
                    "last crash")
                : List.of(
                    "id", "state", "runs", "crash", "intr", "cycle", "peak", "sec", "last crash"));
    for (String id : DemoExperiments.IDS) {
      ApiClient.Seen seen = evidence.of(id).seen();
      String crash = evidence.lastCrash(id);
      grid.add(
          Colour.ofState(seen.state()),
          List.of(
              id,
              seen.state(),
              Integer.toString(seen.runs()),
              Integer.toString(seen.crashes()),
              Integer.toString(seen.interruptions()),
              seen.cycle().number().isPresent()
                  ? seen.cycle().number().getAsInt()
                      + (seen.cycle().of().isPresent() ? "/" + seen.cycle().of().getAsInt() : "")
                  : "-",
              evidence.memoryPeak(id).map(Formats::mebibytes).orElse("-"),
              evidence.seconds(id).map(s -> Formats.seconds(s).replace(" s", "")).orElse("-"),
              crash));
    }
    terminal.line("");
    grid.lines(terminal.columns()).forEach(terminal::line);
    terminal.line("");
  }

  /** Further figures, which are neither right nor wrong. */
  void notes(List<String> more, BoardFixture board, Optional<Duration> daemonStop) {
    List<String> notes = new ArrayList<>(more);
    notes.add(board.description());
    notes.add(
        "coord enqueue took "
            + evidence.enqueueTimes().stream()
                .map(time -> Long.toString(time.toMillis()))
                .collect(Collectors.joining(" "))
            + " ms, each with one durable commit and the start of a client.");
    if (!evidence.daemonPeakMemory().isEmpty()) {
      notes.add(
          "The coordinator used at most " + evidence.daemonPeakMemory() + " of resident memory.");
    }
    notes.add(
        "From the first enqueue to the end of the last experiment: "
            + Formats.seconds(evidence.elapsed())
            + daemonStop
                .map(time -> "; the coordinator ended within " + Formats.seconds(time))
                .orElse("")
            + ".");
    terminal.line("");
    notes.forEach(note -> terminal.paragraph("· " + note, "  "));
  }
}
