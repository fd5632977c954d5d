package io.coord.selftest.chaos;

import io.coord.selftest.harness.ApiClient;
import io.coord.selftest.harness.ChildDaemon;
import io.coord.selftest.harness.CommandResult;
import io.coord.selftest.harness.HarnessUnits;
import io.coord.selftest.harness.PendingCommand;
import io.coord.selftest.harness.Workspace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Carries out the actions on a coordinator and its experiments. For one thread. */
final class FaultInjector implements ChaosAction.Handler {
  private static final Pattern ID = Pattern.compile("(chaos_|exp-)\\d+");
  private static final int SIGTERM = 15;

  /** Exit codes of a command that changed nothing. */
  private static final List<Integer> REFUSED = List.of(2, 69, 75);

  private final Workspace workspace;
  private final HarnessUnits units;
  private final Path program;
  private final int slots;
  private final ChaosJournal journal;
  private final Acks acks;
  private final DaemonHistory daemons = new DaemonHistory();
  private final ApiClient api;
  private Optional<ChildDaemon> daemon = Optional.empty();
  private List<ApiClient.Seen> listed = List.of();

  /**
   * @param program what the experiments run
   * @param slots how many may run at the same time
   */
  FaultInjector(
      Workspace workspace,
      HarnessUnits units,
      Path program,
      int slots,
      ChaosJournal journal,
      Acks acks) {
    this.workspace = workspace;
    this.units = units;
    this.program = program;
    this.slots = slots;
    this.journal = journal;
    this.acks = acks;
    this.api = new ApiClient(workspace.socket());
  }

  /** How the daemons started and ended. */
  DaemonHistory daemons() {
    return daemons;
  }

  /** The experiments as the coordinator listed them last. */
  List<ApiClient.Seen> listed() {
    return listed;
  }

  /** Starts the daemon if there is none, and waits until it answers. */
  void reconcile() throws InterruptedException {
    ChildDaemon present = daemon.isEmpty() ? start() : daemon.get();
    daemons.awaitReady(present);
    poll();
  }

  /** Reads the journal, and the list of experiments if the coordinator is ready. */
  void poll() throws InterruptedException {
    journal.catchUp();
    if (daemon.filter(ChildDaemon::isReady).filter(one -> !one.hasEnded()).isPresent()) {
      listed = api.list();
      listed.forEach(seen -> acks.seen(seen.id()));
    }
  }

  private ChildDaemon start() {
    ChildDaemon started = ChildDaemon.start(workspace);
    daemons.started();
    daemon = Optional.of(started);
    return started;
  }

  private void end(boolean gently) throws InterruptedException {
    if (daemon.isPresent()) {
      ChildDaemon ending = daemon.get();
      daemon = Optional.empty();
      daemons.end(ending, gently);
    }
  }

  @Override
  public void enqueue(ChaosAction.Enqueue choice) throws InterruptedException {
    if (choice.awaited()) {
      reconcile();
    }
    ChaosExperiment experiment = choice.experiment();
    acks.requested(experiment);
    PendingCommand pending =
        PendingCommand.begin(workspace, experiment.enqueue(program, workspace.work(), slots));
    if (choice.killedAfterMillis().isPresent()) {
      pause(choice.killedAfterMillis().getAsInt());
      end(false);
    }
    CommandResult result = pending.end();
    result
        .output()
        .lines()
        .filter(line -> ID.matcher(line).matches())
        .findFirst()
        .ifPresent(id -> acks.printed(id, experiment));
    if (daemon.isEmpty()) {
      start();
    }
  }

  @Override
  public void end(ChaosAction.End choice) throws InterruptedException {
    pause(choice.afterMillis());
    end(choice.gently());
    litter(choice.litter());
    pause(choice.downMillis());
    start();
    if (choice.awaited()) {
      reconcile();
    }
  }

  private void litter(ChaosAction.Litter litter) {
    CrashResidue residue = new CrashResidue(workspace, units.folder());
    switch (litter) {
      case NOTHING -> {}
      case GHOST -> residue.dropIn("ghost_" + daemons.starts());
      case OLD_DROP_IN ->
          listed.stream()
              .filter(ApiClient.Seen::isOver)
              .findFirst()
              .ifPresent(seen -> residue.dropIn(seen.id()));
      case HALF_WRITTEN -> residue.halfWritten("chaos_" + (acks.requested().size() + 1));
      case STALE_SOCKET -> residue.staleSocket();
    }
  }

  @Override
  public void ask(ChaosAction.Ask choice) throws InterruptedException {
    poll();
    List<String> candidates =
        listed.stream()
            .filter(seen -> !seen.isOver())
            .filter(seen -> !choice.verb().equals("hold") || seen.state().equals("queued"))
            .filter(seen -> !choice.verb().equals("release") || seen.state().equals("held"))
            .map(ApiClient.Seen::id)
            .toList();
    Optional<String> chosen = at(choice.which(), candidates);
    if (chosen.isEmpty()) {
      return;
    }
    String id = chosen.get();
    boolean stops = choice.verb().equals("stop");
    List<String> words =
        stops ? List.of(choice.verb(), "--no-wait", id) : List.of(choice.verb(), id);
    CommandResult result = PendingCommand.begin(workspace, words).end();
    if (stops && result.exitCode() == 0) {
      acks.stopped(id);
    } else if (stops && !REFUSED.contains(result.exitCode())) {
      acks.possiblyStopped(id);
    }
  }

  @Override
  public void signal(ChaosAction.Signal choice) throws InterruptedException {
    journal.catchUp();
    List<String> candidates =
        journal.running().stream()
            .filter(id -> choice.signal() != SIGTERM || mayCrashAgain(id))
            .toList();
    at(choice.which(), candidates)
        .ifPresent(
            id -> {
              acks.signalled(id);
              units.kill(id, choice.signal());
            });
  }

  /** Where systemd does not restart a run, a SIGTERM looks as if 'systemctl stop' had sent it. */
  private boolean mayCrashAgain(String id) {
    return journal.lines().stream()
        .filter(line -> line.id().equals(id))
        .map(line -> acks.requested().get(line.token()))
        .noneMatch(experiment -> experiment != null && experiment.part() == ExperimentPart.DOOMED);
  }

  private static Optional<String> at(double share, List<String> all) {
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get((int) (share * all.size())));
  }

  /** Lets time pass. */
  static void pause(int millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
  }

  /**
   * Ends the daemon.
   *
   * @return how long that took; empty if it had to be killed, or if there was none
   */
  Optional<Duration> finish() throws InterruptedException {
    if (daemon.isEmpty()) {
      return Optional.empty();
    }
    ChildDaemon ending = daemon.get();
    daemon = Optional.empty();
    return daemons.end(ending, true);
  }
}
