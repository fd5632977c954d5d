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

/** Does what is chosen to a coordinator and its experiments. One thread. */
final class Chaos implements ChaosAction.EffectExecutor {
  private static final Pattern ID = Pattern.compile("(player_|exp-)\\d+");
  private static final int SIGTERM = 15;

  /** Exit codes of a command that says that nothing was changed. */
  private static final List<Integer> REFUSED = List.of(2, 69, 75);

  private final Workspace place;
  private final HarnessUnits units;
  private final Path program;
  private final int slots;
  private final ChaosJournal diary;
  private final Acks promises;
  private final RunHistory lives = new RunHistory();
  private final ApiClient api;
  private Optional<ChildDaemon> daemon = Optional.empty();
  private List<ApiClient.Seen> listed = List.of();

  /**
   * @param program what the experiments run
   * @param slots how many of them may at once
   */
  Chaos(
      Workspace place,
      HarnessUnits units,
      Path program,
      int slots,
      ChaosJournal diary,
      Acks promises) {
    this.place = place;
    this.units = units;
    this.program = program;
    this.slots = slots;
    this.diary = diary;
    this.promises = promises;
    this.api = new ApiClient(place.socket());
  }

  /** What became of the daemons. */
  RunHistory lives() {
    return lives;
  }

  /** As the coordinator has last listed them. */
  List<ApiClient.Seen> listed() {
    return listed;
  }

  /** Starts the daemon if there is none, and waits until it answers. */
  void reconcile() throws InterruptedException {
    ChildDaemon present = daemon.isEmpty() ? start() : daemon.get();
    lives.awaitReady(present);
    look();
  }

  /** Takes notice of what the coordinator and the experiments say, if the coordinator does. */
  void look() throws InterruptedException {
    diary.catchUp();
    if (daemon.filter(ChildDaemon::isReady).filter(one -> !one.hasEnded()).isPresent()) {
      listed = api.list();
      listed.forEach(seen -> promises.seen(seen.id()));
    }
  }

  private ChildDaemon start() {
    ChildDaemon started = ChildDaemon.start(place);
    lives.started();
    daemon = Optional.of(started);
    return started;
  }

  private void end(boolean gently) throws InterruptedException {
    if (daemon.isPresent()) {
      ChildDaemon ending = daemon.get();
      daemon = Optional.empty();
      lives.end(ending, gently);
    }
  }

  @Override
  public void enqueue(ChaosAction.Enqueue choice) throws InterruptedException {
    if (choice.awaited()) {
      reconcile();
    }
    FaultInjector player = choice.player();
    promises.asked(player);
    PendingCommand saying =
        PendingCommand.begin(place, player.enqueue(program, place.work(), slots));
    if (choice.killedAfterMillis().isPresent()) {
      pause(choice.killedAfterMillis().getAsInt());
      end(false);
    }
    CommandResult said = saying.end();
    said.output()
        .lines()
        .filter(line -> ID.matcher(line).matches())
        .findFirst()
        .ifPresent(id -> promises.printed(id, player));
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
    CrashResidue leavings = new CrashResidue(place, units.folder());
    switch (litter) {
      case NOTHING -> {}
      case GHOST -> leavings.dropIn("ghost_" + lives.starts());
      case OLD_DROP_IN ->
          listed.stream()
              .filter(ApiClient.Seen::isOver)
              .findFirst()
              .ifPresent(seen -> leavings.dropIn(seen.id()));
      case HALF_WRITTEN -> leavings.halfWritten("player_" + (promises.asked().size() + 1));
      case STALE_SOCKET -> leavings.staleSocket();
    }
  }

  @Override
  public void ask(ChaosAction.Ask choice) throws InterruptedException {
    look();
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
    CommandResult said = PendingCommand.begin(place, words).end();
    if (stops && said.exitCode() == 0) {
      promises.stopped(id);
    } else if (stops && !REFUSED.contains(said.exitCode())) {
      promises.perhapsStopped(id);
    }
  }

  @Override
  public void strike(ChaosAction.Strike choice) throws InterruptedException {
    diary.catchUp();
    List<String> candidates =
        diary.running().stream()
            .filter(id -> choice.signal() != SIGTERM || mayCrashAgain(id))
            .toList();
    at(choice.which(), candidates)
        .ifPresent(
            id -> {
              promises.struck(id);
              units.kill(id, choice.signal());
            });
  }

  /** Where systemd does not restart a run, a SIGTERM looks as if 'systemctl stop' had sent it. */
  private boolean mayCrashAgain(String id) {
    return diary.lines().stream()
        .filter(line -> line.id().equals(id))
        .map(line -> promises.asked().get(line.token()))
        .noneMatch(player -> player != null && player.part() == ExperimentPart.DOOMED);
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
    return lives.end(ending, true);
  }
}
