package io.coord.selftest.demo;

import io.coord.selftest.harness.Api;
import io.coord.selftest.harness.Board;
import io.coord.selftest.harness.ChildDaemon;
import io.coord.selftest.harness.Claim;
import io.coord.selftest.harness.Place;
import io.coord.selftest.harness.Signals;
import io.coord.selftest.harness.StageFailure;
import io.coord.selftest.harness.Terminal;
import io.coord.selftest.harness.Units;
import io.coord.selftest.harness.Verdict;
import io.coord.selftest.harness.Words;
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
          .formatted(Cast.SLOTS, Cast.TOTAL_RAM_MIB / 1024.0);

  private final Terminal terminal;
  private final Units units;
  private final Place place;
  private final Board board;
  private final Heating heating;
  private Optional<ChildDaemon> daemon = Optional.empty();
  private Optional<LiveTable> table = Optional.empty();
  private Optional<Duration> daemonStop = Optional.empty();
  private List<String> leftOver = List.of();

  private Demo(Terminal terminal, Map<String, String> environment) {
    this.terminal = terminal;
    units = new Units(environment, "script/demo");
    place = Place.make(environment, "demo", SETTINGS);
    board = Board.make(place.sysfs(), Cast.HEATED);
    heating = new Heating(board, units);
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
    } catch (StageFailure | SystemdException e) {
      terminal.line("coord: the demonstration cannot begin: " + e.getMessage());
      return NOT_TRUE;
    }
  }

  private int run(Signals signals) {
    try {
      return run();
    } catch (InterruptedException e) {
      return stopped();
    } catch (StageFailure | SystemdException e) {
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
                .formatted(Cast.SLOTS, Cast.TOTAL_RAM_MIB)
            + board.words(),
        "");
    terminal.line("");
    Findings found = watch();
    List<Claim> claims = new ArrayList<>(Claims.of(found));
    WholeClaims whole = new WholeClaims(found);
    claims.addAll(whole.claims());
    List<String> stillUp = units.up();
    cleanUp();
    claims.add(
        new Claim(
            stillUp.isEmpty() && leftOver.isEmpty() && daemonStop.isPresent(),
            "nothing is left behind",
            "units still up at the end: %d; the coordinator ended %s; %s"
                .formatted(
                    stillUp.size(),
                    daemonStop.map(time -> "in " + Words.seconds(time)).orElse("only by SIGKILL"),
                    leftOver.isEmpty()
                        ? "unit files are as they were before"
                        : String.join("; ", leftOver))));
    Report report = new Report(terminal, found);
    report.table();
    Verdict verdict = new Verdict(terminal, claims);
    verdict.statements();
    report.notes(whole.notes(), board, daemonStop);
    verdict.lastWords();
    return verdict.allTrue() ? ALL_TRUE : NOT_TRUE;
  }

  private Findings watch() throws InterruptedException {
    ChildDaemon child = ChildDaemon.start(place);
    daemon = Optional.of(child);
    child.awaitReady();
    Api api = new Api(place.socket());
    LiveTable shown = new LiveTable(terminal, place);
    table = Optional.of(shown);
    long from = System.nanoTime();
    List<Duration> enqueueTimes = new Cast(place).enqueue();
    Story story = new Story(api, units);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - from);
    while (!story.isOver() && elapsed.compareTo(LIMIT) < 0) {
      story.look();
      story.seen(Cast.HEATED).ifPresent(heated -> heating.step(story.status(), heated));
      elapsed = Duration.ofNanos(System.nanoTime() - from);
      shown.show(story, elapsed);
      child.watchFor(LOOK_MILLIS);
    }
    shown.end();
    return Findings.collect(api, place, story, heating, enqueueTimes, elapsed, child.peakMemory());
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
      leftOver = units.giveBack(Cast.IDS);
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
