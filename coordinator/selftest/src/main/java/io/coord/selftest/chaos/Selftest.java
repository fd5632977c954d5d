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
 * Kills a coordinator of its own again and again, lets its experiments end, and tells what held.
 *
 * <p>All that it makes is in one folder, but for the unit files that a service manager reads; those
 * are taken away again.
 */
public final class Selftest implements AutoCloseable {
  private static final int ALL_TRUE = 0;
  private static final int NOT_TRUE = 1;
  private static final int MISUSE = 2;
  private static final int INTERRUPTED = 130;

  private static final int SLOTS = 3;
  private static final int LOOK_MILLIS = 200;
  private static final int SEED_BOUND = 1_000_000;

  /** For all to end, after the faults; each takes seconds. */
  private static final Duration END_LIMIT = Duration.ofMinutes(5);

  /** For units and drop-ins to go, after all have ended. */
  private static final Duration CLEAN_LIMIT = Duration.ofSeconds(15);

  private static final String SETTINGS =
      """
      # Settings of a self-test: as usual, but quick.
      MAX_CONCURRENT_EXPERIMENTS=%d
      TOTAL_RAM_LIMIT_GB=0.5
      HEALTH_CHECK_INTERVAL_SECONDS=2
      TEMPERATURE_CHECK_INTERVAL_SECONDS=1
      """
          .formatted(SLOTS);

  private final ChaosOptions options;
  private final Terminal terminal;
  private final HarnessUnits units;
  private final Workspace place;
  private final Acks promises = new Acks();
  private final ChaosJournal diary;
  private final Chaos chaos;
  private final ProgressLine progress;
  private final long from = System.nanoTime();
  private List<String> leftOver = List.of();
  private boolean cleanedUp;

  private Selftest(ChaosOptions options, Terminal terminal, Map<String, String> environment) {
    this.options = options;
    this.terminal = terminal;
    units = new HarnessUnits(environment, "script/selftest");
    place = Workspace.make(environment, "selftest", SETTINGS);
    BoardFixture.idle(place.sysfs());
    diary = new ChaosJournal(place.work().resolve("diary"));
    chaos = new Chaos(place, units, layOut(place), SLOTS, diary, promises);
    progress = new ProgressLine(terminal);
  }

  /** The experiments' program. */
  private static Path layOut(Workspace place) {
    try (InputStream program =
        Objects.requireNonNull(Selftest.class.getResourceAsStream("player"), "player")) {
      Files.createDirectories(place.work().resolve("locks"));
      Path file = place.experiments().resolve("player");
      Files.copy(program, file);
      return file;
    } catch (IOException e) {
      throw new HarnessException("cannot lay out the experiments", e);
    }
  }

  /**
   * Tests.
   *
   * @param words what stands after {@code selftest} on the command line
   * @return 0 if all held, 1 if not, 2 if the words are wrong, 130 if it was stopped
   */
  public static int run(List<String> words, Map<String, String> environment) {
    Optional<ChaosOptions> read;
    try {
      read = ChaosOptions.read(words, () -> new SecureRandom().nextInt(SEED_BOUND));
    } catch (ChaosOptions.MisuseException e) {
      System.err.println(
          "coord: cannot run the self-test: " + e.getMessage() + "; nothing was begun");
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
      terminal.line("coord: the self-test cannot begin: " + e.getMessage());
      return NOT_TRUE;
    }
  }

  private int run(Signals signals) {
    terminal.paragraph("Seed " + options.seed() + "; again with: " + options.command(), "");
    try {
      return run();
    } catch (InterruptedException e) {
      return stopped();
    } catch (HarnessException | SystemdException e) {
      // A Ctrl-C reaches the coordinator as well.
      if (signals.came()) {
        return stopped();
      }
      progress.end();
      terminal.line("coord: the self-test cannot go on: " + e.getMessage());
      return NOT_TRUE;
    }
  }

  private int stopped() {
    progress.end();
    terminal.line("Stopped; what was begun is ended and taken away.");
    return INTERRUPTED;
  }

  private int run() throws InterruptedException {
    makeChaos();
    letAllEnd();
    List<String> left = leavings();
    ChaosEvidence found =
        new ChaosEvidence(SLOTS, promises, diary.lines(), ledger(), chaos.lives(), left);
    progress.end();
    cleanUp();
    List<Assertion> claims = ChaosAssertions.of(found);
    AssertionReport verdict = new AssertionReport(terminal, claims);
    verdict.statements();
    verdict.lastWords();
    return verdict.allTrue() ? ALL_TRUE : NOT_TRUE;
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - from);
  }

  private void show(String stage) {
    int runs = (int) diary.lines().stream().filter(line -> line.what().equals("start")).count();
    progress.show(elapsed(), stage, chaos, promises, runs);
  }

  private void makeChaos() throws InterruptedException {
    ChaosSchedule choices = new ChaosSchedule(options.seed());
    chaos.reconcile();
    Duration end = elapsed().plus(options.chaos());
    while (elapsed().compareTo(end) < 0) {
      choices.next().playedBy(chaos);
      Chaos.pause(choices.pauseMillis());
      chaos.look();
      show("chaos");
    }
  }

  /** No more faults: all that can end, ends. */
  private void letAllEnd() throws InterruptedException {
    chaos.reconcile();
    Duration end = elapsed().plus(END_LIMIT);
    while (chaos.listed().stream().anyMatch(seen -> !seen.isOver())
        && elapsed().compareTo(end) < 0) {
      for (ApiClient.Seen seen : chaos.listed()) {
        if (seen.state().equals("held")) {
          PendingCommand.begin(place, List.of("release", seen.id())).end();
        }
      }
      Chaos.pause(LOOK_MILLIS);
      chaos.look();
      show("the rest ends");
    }
  }

  /** Units and drop-ins that do not go away by themselves. */
  private List<String> leavings() throws InterruptedException {
    Duration end = elapsed().plus(CLEAN_LIMIT);
    while (true) {
      List<String> left = new ArrayList<>(units.loaded());
      units.leftDropIns().forEach(folder -> left.add(folder.toString()));
      if (left.isEmpty() || elapsed().compareTo(end) > 0) {
        return left;
      }
      Chaos.pause(LOOK_MILLIS);
    }
  }

  private Map<String, ApiClient.Details> ledger() throws InterruptedException {
    chaos.look();
    Set<String> ids = new TreeSet<>(promises.seen());
    diary.lines().forEach(line -> ids.add(line.id()));
    ApiClient api = new ApiClient(place.socket());
    Map<String, ApiClient.Details> ledger = new LinkedHashMap<>();
    for (String id : ids) {
      api.find(id).ifPresent(details -> ledger.put(id, details));
    }
    return ledger;
  }

  /** Ends everything and takes the unit files away; does it once. */
  private void cleanUp() throws InterruptedException {
    if (cleanedUp) {
      return;
    }
    cleanedUp = true;
    progress.end();
    // First: it would take notice of what is done to its units.
    chaos.finish();
    leftOver = units.giveBack(promises.seen());
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
            + ": daemon.log (what the coordinators said, one after the other), work/diary (what the"
            + " experiments did), state (the SQLite file coord.db, and the experiments' outputs)."
            + " Nothing needs it; delete it when you like.",
        "");
    terminal.paragraph("Seed " + options.seed() + "; again with: " + options.command(), "");
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
