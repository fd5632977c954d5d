package io.coord.selftest.chaos;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.Assertion;
import io.coord.selftest.harness.AssertionReport;
import io.coord.selftest.harness.BoardFixture;
import io.coord.selftest.harness.HarnessException;
import io.coord.selftest.harness.HarnessUnits;
import io.coord.selftest.harness.PendingCommand;
import io.coord.selftest.harness.Signals;
import io.coord.selftest.harness.Terminal;
import io.coord.selftest.harness.Workspace;
import io.coord.systemd.SystemdException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Kills a coordinator of its own repeatedly, lets its experiments end, and reports which guarantees
 * held.
 *
 * <p>All files are in one folder, except for the unit files of the service manager, which are
 * removed at the end.
 */
public final class Selftest implements AutoCloseable {
  private static final int ALL_TRUE = 0;
  private static final int NOT_TRUE = 1;
  private static final int MISUSE = 2;
  private static final int INTERRUPTED = 130;

  private static final String PROGRAM = "experiment.sh";

  private static final int SLOTS = 3;
  private static final int POLL_MILLIS = 200;
  private static final int SEED_BOUND = 1_000_000;

  /** For all experiments to end, after the faults; each takes seconds. */
  private static final Duration END_LIMIT = Duration.ofMinutes(5);

  /** For units and drop-ins to be removed, after all have ended. */
  private static final Duration CLEAN_LIMIT = Duration.ofSeconds(15);

  private static final String SETTINGS =
      """
      # Settings of a self-test: short intervals.
      MAX_CONCURRENT_EXPERIMENTS=%d
      TOTAL_RAM_LIMIT_GB=0.5
      HEALTH_CHECK_INTERVAL_SECONDS=2
      TEMPERATURE_CHECK_INTERVAL_SECONDS=1
      """
          .formatted(SLOTS);

  private final ChaosOptions options;
  private final Terminal terminal;
  private final HarnessUnits units;
  private final Workspace workspace;
  private final Acks acks = new Acks();
  private final ChaosJournal journal;
  private final FaultInjector injector;
  private final ProgressLine progress;
  private final long from = System.nanoTime();
  private List<String> leftOver = List.of();
  private boolean cleanedUp;

  private Selftest(ChaosOptions options, Terminal terminal, Map<String, String> environment) {
    this.options = options;
    this.terminal = terminal;
    units = new HarnessUnits(environment, "script/selftest");
    workspace = Workspace.make(environment, "selftest", SETTINGS);
    BoardFixture.idle(workspace.sysfs());
    journal = new ChaosJournal(workspace.work().resolve("journal"));
    injector = new FaultInjector(workspace, units, layOut(workspace), SLOTS, journal, acks);
    progress = new ProgressLine(terminal);
  }

  /** The experiments' program. */
  private static Path layOut(Workspace workspace) {
    try (InputStream program =
        Objects.requireNonNull(Selftest.class.getResourceAsStream(PROGRAM), PROGRAM)) {
      Files.createDirectories(workspace.work().resolve("locks"));
      Path file = workspace.experiments().resolve(PROGRAM);
      Files.copy(program, file);
      return file;
    } catch (IOException e) {
      throw new HarnessException("cannot lay out the experiments", e);
    }
  }

  /**
   * Tests.
   *
   * @param words the command line after {@code selftest}
   * @return 0 if all guarantees held, 1 if not, 2 if the options are wrong, 130 if interrupted
   */
  public static int run(List<String> words, Map<String, String> environment) {
    Optional<ChaosOptions> read;
    try {
      read = ChaosOptions.read(words, () -> new SecureRandom().nextInt(SEED_BOUND));
    } catch (ChaosOptions.MisuseException e) {
      System.err.println(
          "coord: cannot run the self-test: " + e.getMessage() + "; nothing was started");
      System.err.print(ChaosOptions.USAGE);
      return MISUSE;
    }
    if (read.isEmpty()) {
      System.out.print(ChaosOptions.USAGE);
      return ALL_TRUE;
    }
    ChaosOptions options = read.get();
    Terminal terminal = new Terminal(environment);
    try (Signals signals = Signals.interruptThisThread();
        Selftest selftest = new Selftest(options, terminal, environment)) {
      return selftest.run(signals);
    } catch (HarnessException | SystemdException e) {
      terminal.line("coord: cannot start the self-test: " + e.getMessage());
      return NOT_TRUE;
    }
  }

  private int run(Signals signals) {
    terminal.paragraph("Seed " + options.seed() + "; repeat with: " + options.command(), "");
    try {
      return run();
    } catch (InterruptedException e) {
      return stopped();
    } catch (HarnessException | SystemdException e) {
      // A Ctrl-C ends the coordinator, too.
      if (signals.received()) {
        return stopped();
      }
      progress.end();
      terminal.line("coord: cannot continue the self-test: " + e.getMessage());
      return NOT_TRUE;
    }
  }

  private int stopped() {
    progress.end();
    terminal.line("Interrupted; the experiments and the coordinator were stopped.");
    return INTERRUPTED;
  }

  private int run() throws InterruptedException {
    injectFaults();
    awaitEnds();
    List<String> left = leftovers();
    ChaosEvidence evidence =
        new ChaosEvidence(SLOTS, acks, journal.lines(), ledger(), injector.daemons(), left);
    progress.end();
    cleanUp();
    List<Assertion> assertions = ChaosAssertions.of(evidence);
    AssertionReport report = new AssertionReport(terminal, assertions);
    report.print();
    report.summary();
    return report.allTrue() ? ALL_TRUE : NOT_TRUE;
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - from);
  }

  private void show(String stage) {
    int runs = (int) journal.lines().stream().filter(line -> line.what().equals("start")).count();
    progress.show(elapsed(), stage, injector, acks, runs);
  }

  private void injectFaults() throws InterruptedException {
    ChaosSchedule choices = new ChaosSchedule(options.seed());
    injector.reconcile();
    Duration end = elapsed().plus(options.chaos());
    while (elapsed().compareTo(end) < 0) {
      choices.next().deliverTo(injector);
      FaultInjector.pause(choices.pauseMillis());
      injector.poll();
      show("chaos");
    }
  }

  /** Without further faults, until all experiments have ended. */
  private void awaitEnds() throws InterruptedException {
    injector.reconcile();
    Duration end = elapsed().plus(END_LIMIT);
    while (injector.listed().stream().anyMatch(seen -> !seen.isOver())
        && elapsed().compareTo(end) < 0) {
      for (ApiClient.Seen seen : injector.listed()) {
        if (seen.state().equals("held")) {
          PendingCommand.begin(workspace, List.of("release", seen.id())).end();
        }
      }
      FaultInjector.pause(POLL_MILLIS);
      injector.poll();
      show("waiting for the experiments to end");
    }
  }

  /** Units and drop-ins that are not removed in time. */
  private List<String> leftovers() throws InterruptedException {
    Duration end = elapsed().plus(CLEAN_LIMIT);
    while (true) {
      List<String> left = new ArrayList<>(units.loaded());
      units.leftDropIns().forEach(folder -> left.add(folder.toString()));
      if (left.isEmpty() || elapsed().compareTo(end) > 0) {
        return left;
      }
      FaultInjector.pause(POLL_MILLIS);
    }
  }

  private Map<String, ApiClient.Details> ledger() throws InterruptedException {
    injector.poll();
    Set<String> ids = new TreeSet<>(acks.seen());
    journal.lines().forEach(line -> ids.add(line.id()));
    ApiClient api = new ApiClient(workspace.socket());
    Map<String, ApiClient.Details> ledger = new LinkedHashMap<>();
    for (String id : ids) {
      api.find(id).ifPresent(details -> ledger.put(id, details));
    }
    return ledger;
  }

  /** Stops everything and removes the unit files; does so once. */
  private void cleanUp() throws InterruptedException {
    if (cleanedUp) {
      return;
    }
    cleanedUp = true;
    progress.end();
    // The coordinator first: it would react to the changes of its units.
    injector.finish();
    leftOver = units.restore(acks.seen());
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
            + ": daemon.log (the logs of the coordinators), work/journal (the events of the"
            + " experiments), state (the database coord.db, and the output of the experiments)."
            + " You can delete it at any time.",
        "");
    terminal.paragraph("Seed " + options.seed() + "; repeat with: " + options.command(), "");
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
