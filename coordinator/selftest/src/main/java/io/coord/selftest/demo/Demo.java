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
 * Runs five experiments on a real coordinator until they end, and reports what was measured.
 *
 * <p>All files are in one folder, except for the unit files of the service manager, which are
 * removed at the end.
 */
public final class Demo implements AutoCloseable {
  private static final int ALL_TRUE = 0;
  private static final int NOT_TRUE = 1;
  private static final int INTERRUPTED = 130;

  private static final int POLL_MILLIS = 250;
  private static final Duration LIMIT = Duration.ofSeconds(170);

  private static final String SETTINGS =
      """
      # Settings of a demonstration: short intervals.
      MAX_CONCURRENT_EXPERIMENTS=%d
      TOTAL_RAM_LIMIT_GB=%s
      HEALTH_CHECK_INTERVAL_SECONDS=5
      TEMPERATURE_CHECK_INTERVAL_SECONDS=0.5
      THERMAL_DWELL_SECONDS=2
      """
          .formatted(DemoExperiments.SLOTS, DemoExperiments.TOTAL_RAM_MIB / 1024.0);

  private final Terminal terminal;
  private final HarnessUnits units;
  private final Workspace workspace;
  private final BoardFixture board;
  private final HeatDriver heatDriver;
  private Optional<ChildDaemon> daemon = Optional.empty();
  private Optional<LiveTable> table = Optional.empty();
  private Optional<Duration> daemonStop = Optional.empty();
  private List<String> leftOver = List.of();

  private Demo(Terminal terminal, Map<String, String> environment) {
    this.terminal = terminal;
    units = new HarnessUnits(environment, "script/demo");
    workspace = Workspace.make(environment, "demo", SETTINGS);
    board = BoardFixture.make(workspace.sysfs(), DemoExperiments.HEATED);
    heatDriver = new HeatDriver(board, units);
  }

  /**
   * Runs the demonstration.
   *
   * @return 0 if all statements are true, 1 if not, 130 if interrupted
   */
  public static int run(Map<String, String> environment) {
    Terminal terminal = new Terminal(environment);
    try (Signals signals = Signals.interruptThisThread();
        Demo demo = new Demo(terminal, environment)) {
      return demo.run(signals);
    } catch (HarnessException | SystemdException e) {
      terminal.line("coord: cannot start the demonstration: " + e.getMessage());
      return NOT_TRUE;
    }
  }

  private int run(Signals signals) {
    try {
      return run();
    } catch (InterruptedException e) {
      return stopped();
    } catch (HarnessException | SystemdException e) {
      // A Ctrl-C ends the coordinator, too.
      if (signals.received()) {
        return stopped();
      }
      table.ifPresent(LiveTable::end);
      terminal.line("coord: cannot continue the demonstration: " + e.getMessage());
      return NOT_TRUE;
    }
  }

  private int stopped() {
    table.ifPresent(LiveTable::end);
    terminal.line("Interrupted; the experiments and the coordinator were stopped.");
    return INTERRUPTED;
  }

  private int run() throws InterruptedException {
    terminal.paragraph(
        "Five experiments, %d slots, %dM of memory in total. "
                .formatted(DemoExperiments.SLOTS, DemoExperiments.TOTAL_RAM_MIB)
            + board.description(),
        "");
    terminal.line("");
    DemoEvidence evidence = observe();
    List<Assertion> assertions = new ArrayList<>(DemoAssertions.of(evidence));
    SummaryAssertions summary = new SummaryAssertions(evidence);
    assertions.addAll(summary.assertions());
    List<String> stillActive = units.up();
    cleanUp();
    assertions.add(
        new Assertion(
            stillActive.isEmpty() && leftOver.isEmpty() && daemonStop.isPresent(),
            "nothing remains on the machine",
            "units still active at the end: %d; the coordinator ended %s; %s"
                .formatted(
                    stillActive.size(),
                    daemonStop
                        .map(time -> "in " + Formats.seconds(time))
                        .orElse("only after SIGKILL"),
                    leftOver.isEmpty() ? "unit files restored" : String.join("; ", leftOver))));
    DemoReport report = new DemoReport(terminal, evidence);
    report.table();
    AssertionReport statements = new AssertionReport(terminal, assertions);
    statements.print();
    report.notes(summary.notes(), board, daemonStop);
    statements.summary();
    return statements.allTrue() ? ALL_TRUE : NOT_TRUE;
  }

  private DemoEvidence observe() throws InterruptedException {
    ChildDaemon child = ChildDaemon.start(workspace);
    daemon = Optional.of(child);
    child.awaitReady();
    ApiClient api = new ApiClient(workspace.socket());
    LiveTable shown = new LiveTable(terminal, workspace);
    table = Optional.of(shown);
    long from = System.nanoTime();
    List<Duration> enqueueTimes = new DemoExperiments(workspace).enqueue();
    Timeline timeline = new Timeline(api, units);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - from);
    while (!timeline.isOver() && elapsed.compareTo(LIMIT) < 0) {
      timeline.poll();
      timeline
          .seen(DemoExperiments.HEATED)
          .ifPresent(heated -> heatDriver.step(timeline.status(), heated));
      elapsed = Duration.ofNanos(System.nanoTime() - from);
      shown.show(timeline, elapsed);
      child.watchFor(POLL_MILLIS);
    }
    shown.end();
    return DemoEvidence.collect(
        api, workspace, timeline, heatDriver, enqueueTimes, elapsed, child.peakMemory());
  }

  /** Stops everything and removes the unit files; does so once. */
  private void cleanUp() throws InterruptedException {
    table.ifPresent(LiveTable::end);
    heatDriver.close();
    if (daemon.isPresent()) {
      ChildDaemon child = daemon.get();
      daemon = Optional.empty();
      // The coordinator first: it would react to the changes of its units.
      daemonStop = child.stop();
      leftOver = units.restore(DemoExperiments.IDS);
    }
  }

  @Override
  public void close() {
    // The clean-up must finish although a signal interrupted this thread.
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
        "All files are in "
            + workspace.folder()
            + ": daemon.log (the log of the coordinator), config (its settings), experiments (the"
            + " enqueued configs), state (the database coord.db, and for each experiment its output"
            + " and the runner's own state.db), run (scripts), sys (the simulated sensors). You can"
            + " delete it at any time.",
        "");
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
