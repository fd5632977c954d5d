package io.coord.selftest.demo;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Assertion;
import io.coord.selftest.harness.AssertionReport;
import io.coord.selftest.harness.BoardFixture;
import io.coord.selftest.harness.ChildDaemon;
import io.coord.selftest.harness.Formats;
import io.coord.selftest.harness.HarnessException;
import io.coord.selftest.harness.HarnessUnits;
import io.coord.selftest.harness.Signals;
import io.coord.selftest.harness.Terminal;
import io.coord.selftest.harness.Workspace;
import io.coord.systemd.SystemdException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs five experiments on a real coordinator to their ends, and reports what was measured.
 *
 * <p>All that it makes is in one folder, but for the unit files that a service manager reads; those
 * are taken away again.
 */
public final class Demo implements AutoCloseable {
  private static final int ALL_TRUE = 0;
  private static final int NOT_TRUE = 1;
  private static final int INTERRUPTED = 130;

  private static final int LOOK_MILLIS = 250;
  private static final Duration LIMIT = Duration.ofSeconds(170);

  private static final String SETTINGS =
      """
      # Settings of a demonstration: as usual, but quick.
      MAX_CONCURRENT_EXPERIMENTS=%d
      TOTAL_RAM_LIMIT_GB=%s
      HEALTH_CHECK_INTERVAL_SECONDS=5
      TEMPERATURE_CHECK_INTERVAL_SECONDS=0.5
      THERMAL_DWELL_SECONDS=2
      """
          .formatted(DemoExperiments.SLOTS, DemoExperiments.TOTAL_RAM_MIB / 1024.0);

  private final Terminal terminal;
  private final HarnessUnits units;
  private final Workspace place;
  private final BoardFixture board;
  private final HeatDriver heating;
  private Optional<ChildDaemon> daemon = Optional.empty();
  private Optional<LiveTable> table = Optional.empty();
  private Optional<Duration> daemonStop = Optional.empty();
  private List<String> leftOver = List.of();

  private Demo(Terminal terminal, Map<String, String> environment) {
    this.terminal = terminal;
    units = new HarnessUnits(environment, "script/demo");
    place = Workspace.make(environment, "demo", SETTINGS);
    board = BoardFixture.make(place.sysfs(), DemoExperiments.HEATED);
    heating = new HeatDriver(board, units);
  }

  /**
   * Shows the whole at work.
   *
   * @return 0 if all that was to be shown was measured to be true, 1 if not, 130 if it was stopped
   */
  public static int run(Map<String, String> environment) {
    Terminal terminal = new Terminal(environment);
    try (Signals signals = Signals.interruptThisThread();
        Demo demo = new Demo(terminal, environment)) {
      return demo.run(signals);
    } catch (HarnessException | SystemdException e) {
      terminal.line("coord: the demonstration cannot begin: " + e.getMessage());
      return NOT_TRUE;
    }
  }

  private int run(Signals signals) {
    try {
      return run();
    } catch (InterruptedException e) {
      return stopped();
    } catch (HarnessException | SystemdException e) {
      // A Ctrl-C reaches the coordinator as well.
      if (signals.came()) {
        return stopped();
      }
      table.ifPresent(LiveTable::end);
      terminal.line("coord: the demonstration cannot go on: " + e.getMessage());
      return NOT_TRUE;
    }
  }

  private int stopped() {
    table.ifPresent(LiveTable::end);
    terminal.line("Stopped; what was begun is ended and taken away.");
    return INTERRUPTED;
  }

  private int run() throws InterruptedException {
    terminal.paragraph(
        "Five experiments, %d slots, %dM for all together. "
                .formatted(DemoExperiments.SLOTS, DemoExperiments.TOTAL_RAM_MIB)
            + board.words(),
        "");
    terminal.line("");
    DemoEvidence found = watch();
    List<Assertion> claims = new ArrayList<>(DemoAssertions.of(found));
    SummaryAssertions whole = new SummaryAssertions(found);
    claims.addAll(whole.claims());
    List<String> stillUp = units.up();
    cleanUp();
    claims.add(
        new Assertion(
            stillUp.isEmpty() && leftOver.isEmpty() && daemonStop.isPresent(),
            "nothing is left behind",
            "units still up at the end: %d; the coordinator ended %s; %s"
                .formatted(
                    stillUp.size(),
                    daemonStop.map(time -> "in " + Formats.seconds(time)).orElse("only by SIGKILL"),
                    leftOver.isEmpty()
                        ? "unit files are as they were before"
                        : String.join("; ", leftOver))));
    DemoReport report = new DemoReport(terminal, found);
    report.table();
    AssertionReport verdict = new AssertionReport(terminal, claims);
    verdict.statements();
    report.notes(whole.notes(), board, daemonStop);
    verdict.lastWords();
    return verdict.allTrue() ? ALL_TRUE : NOT_TRUE;
  }

  private DemoEvidence watch() throws InterruptedException {
    ChildDaemon child = ChildDaemon.start(place);
    daemon = Optional.of(child);
    child.awaitReady();
    ApiClient api = new ApiClient(place.socket());
    LiveTable shown = new LiveTable(terminal, place);
    table = Optional.of(shown);
    long from = System.nanoTime();
    List<Duration> enqueueTimes = new DemoExperiments(place).enqueue();
    Timeline story = new Timeline(api, units);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - from);
    while (!story.isOver() && elapsed.compareTo(LIMIT) < 0) {
      story.look();
      story.seen(DemoExperiments.HEATED).ifPresent(heated -> heating.step(story.status(), heated));
      elapsed = Duration.ofNanos(System.nanoTime() - from);
      shown.show(story, elapsed);
      child.watchFor(LOOK_MILLIS);
    }
    shown.end();
    return DemoEvidence.collect(
        api, place, story, heating, enqueueTimes, elapsed, child.peakMemory());
  }

  /** Ends everything and takes the unit files away; does it once. */
  private void cleanUp() throws InterruptedException {
    table.ifPresent(LiveTable::end);
    heating.close();
    if (daemon.isPresent()) {
      ChildDaemon child = daemon.get();
      daemon = Optional.empty();
      // First: it would take notice of what is done to its units.
      daemonStop = child.stop();
      leftOver = units.giveBack(DemoExperiments.IDS);
    }
  }

  @Override
  public void close() {
    // What a signal begins must be ended in spite of it; the flag is for those who wait.
    boolean interrupted = Thread.interrupted();
    try {
      cleanUp();
      leftOver.forEach(problem -> terminal.line("coord: " + problem));
      units.close();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    terminal.line("");
    terminal.paragraph(
        "All of it is in "
            + place.folder()
            + ": daemon.log (what the coordinator said), config (its settings), experiments (what"
            + " was enqueued), state (its SQLite file coord.db; for each experiment its output and"
            + " the runner's own state.db), run (scripts), sys (the sensors as it saw them). Nothing"
            + " needs it; delete it when you like.",
        "");
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
