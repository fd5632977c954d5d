package io.coord.scheduler.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.RunEnd;
import io.coord.persistence.Schedule;
import io.coord.runner.CompletionResult;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.schedule.CronTimes;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.QueueLimits;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.ActiveState;
import io.coord.systemd.ExitRecord;
import io.coord.systemd.UnitStatus;
import io.coord.thermal.Heat;
import io.coord.thermal.Thresholds;
import io.coord.thermal.ZoneSelection;
import io.coord.thermal.testing.SimulatedBoard;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A state with its decider, for tests that read as a story: say what happens, look at what follows.
 * Decisions are stored as the loop stores them, with a ledger's refusals: a run ends once.
 */
final class DeciderHarness {
  static final long GIB = Samples.GIB;
  static final String BOOT = Samples.BOOT;
  private static final Instant START = Samples.START;

  final State state;
  final Decider decider;
  final List<Change> changes = new ArrayList<>();
  final List<Effect> effects = new ArrayList<>();
  final SimulatedBoard board = new SimulatedBoard();
  private final TreeMap<String, Spec> specs = new TreeMap<>();
  private final TreeMap<String, String> texts = new TreeMap<>();
  private final Set<String> open = new HashSet<>();
  private final Set<String> ended = new HashSet<>();
  private boolean ledgerFails;
  private long tickets;
  Instant now = START;

  /** By how much the wall clock is wrong. */
  Duration wallIsOffBy = Duration.ZERO;

  private final TreeMap<String, ExperimentState> done = new TreeMap<>();
  private final TreeSet<String> forgotten = new TreeSet<>();

  /** A coordinator that has compared everything, on a cool machine. */
  DeciderHarness(int slots, long gib) {
    this(slots, gib, new TreeMap<>(), (cron, after) -> Optional.empty());
  }

  /** A coordinator that starts after another, which left this state. */
  static DeciderHarness after(CoordinatorState left) {
    Limits limits =
        new Limits(new Limits.Capacity(3, 8 * GIB, new TreeMap<>()), GIB, Thresholds.DEFAULT);
    return new DeciderHarness(new Decider(limits, (cron, after) -> Optional.empty()), left);
  }

  /** The same, where some groups have slots of their own and schedules fire. */
  DeciderHarness(int slots, long gib, SortedMap<String, Integer> groupSlots, CronTimes times) {
    this(
        new Decider(
            new Limits(new Limits.Capacity(slots, gib * GIB, groupSlots), GIB, Thresholds.DEFAULT),
            times),
        CoordinatorState.INITIAL);
  }

  /** A coordinator without slots to speak of, where this much may wait. */
  static DeciderHarness with(QueueLimits queue) {
    Limits usual =
        new Limits(new Limits.Capacity(1, 8 * GIB, new TreeMap<>()), GIB, Thresholds.DEFAULT);
    return new DeciderHarness(
        new Decider(
            new Limits(
                usual.capacity(),
                usual.defaults(),
                usual.heat(),
                usual.memoryReservedAfter(),
                queue),
            (cron, after) -> Optional.empty()),
        CoordinatorState.INITIAL);
  }

  private DeciderHarness(Decider decider, CoordinatorState left) {
    this.decider = decider;
    RestoredState remembered =
        new RestoredState(
            none -> {},
            0,
            Optional.empty(),
            List.of(),
            List.of(),
            left,
            id -> Optional.ofNullable(done.get(id)),
            id -> Optional.ofNullable(texts.get(id)));
    state =
        new State(
            remembered,
            RuntimeState.unknown(
                ThermalState.unknown(
                    Heat.unknown(START),
                    PowerState.unknown(remembered.powerBefore(), 4),
                    left.throttledFrom())),
            text -> Optional.ofNullable(specs.get(text)));
    happens(new Event.Resynced(BOOT, List.of(), List.of(), List.of()));
    readZones();
    forget();
  }

  /** The present moment, by both clocks. */
  Timestamps moment() {
    return new Timestamps(now.plus(wallIsOffBy), Duration.between(Instant.EPOCH, now));
  }

  void wait(Duration time) {
    now = now.plus(time);
  }

  // --- what happens

  /** One event, and all dispatches that follow from it. */
  void happens(Event event) {
    now = now.plusMillis(1);
    Decision decision = decider.decide(state, event, moment());
    assertThat(decider.decide(state, event, moment())).as("the same again").isEqualTo(decision);
    if (store(decision)) {
      for (Optional<Decision> next = decider.admit(state, moment());
          next.isPresent() && store(next.get());
          next = decider.admit(state, moment())) {}
    }
  }

  private boolean store(Decision decision) {
    if (ledgerFails && !decision.changes().isEmpty()) {
      state.applyUnstored(decision.update());
      return false;
    }
    for (Change change : decision.changes()) {
      if (change instanceof Change.RunStarted started) {
        assertThat(open.add(started.id() + started.invocation()))
            .as("begins once: " + started)
            .isTrue();
      } else if (change instanceof Change.RunEnded end) {
        assertThat(open).as("has begun: " + end).contains(end.id() + end.invocation());
        assertThat(ended.add(end.id() + end.invocation())).as("ends once: " + end).isTrue();
      }
    }
    for (Change change : decision.changes()) {
      if (change instanceof Change.Enqueued enqueued) {
        texts.put(enqueued.id(), enqueued.spec());
      }
    }
    state.apply(decision.update(), moment());
    changes.addAll(decision.changes());
    for (Change change : decision.changes()) {
      if (change instanceof Change.Moved moved && moved.to().state().isFinal()) {
        done.put(moved.id(), moved.to().state());
      }
    }
    effects.addAll(decision.effects());
    return true;
  }

  void ledgerFails(boolean fails) {
    ledgerFails = fails;
  }

  /** Forgets the changes and effects so far. */
  void forget() {
    changes.clear();
    effects.clear();
  }

  void readZones() {
    happens(new Event.ZonesRead(ZoneSelection.summarise(board.read())));
  }

  void heat(double degrees) {
    board.set("cpu-thermal", degrees);
    readZones();
  }

  /** Cools down, for as long as the governor wants to see it. */
  void cool() {
    heat(40);
    for (int i = 0; i < 4; i++) {
      now = now.plus(Duration.ofSeconds(15));
      readZones();
    }
  }

  /** Enqueues; the answer is the last effect but for dispatches. */
  RequestOutcome enqueue(Spec spec) {
    return enqueueAs("ada", spec);
  }

  /** The same, by another user. */
  RequestOutcome enqueueAs(String owner, Spec spec) {
    specs.put("spec of " + spec.name(), spec);
    return asks(
        new Event.EnqueueAsked(++tickets, "spec of " + spec.name(), spec, owner, ends(spec)));
  }

  private SortedMap<String, Optional<ExperimentState>> ends(Spec spec) {
    TreeMap<String, Optional<ExperimentState>> ends = new TreeMap<>();
    for (String dependency : spec.ordering().dependencies()) {
      if (forgotten.contains(dependency)) {
        ends.put(dependency, Optional.empty());
      } else if (done.containsKey(dependency)) {
        ends.put(dependency, Optional.of(done.get(dependency)));
      }
    }
    return ends;
  }

  /** History no longer says how an experiment ended. */
  void forgets(String id) {
    forgotten.add(id);
  }

  Experiment enqueued(String id) {
    enqueue(spec(id));
    return experiment(id);
  }

  RequestOutcome stop(String id) {
    return asks(new Event.StopAsked(++tickets, id, "ada"));
  }

  RequestOutcome hold(String id) {
    return asks(new Event.HoldAsked(++tickets, id, "ada"));
  }

  RequestOutcome release(String id) {
    return asks(new Event.ReleaseAsked(++tickets, id, "ada"));
  }

  RequestOutcome autostart(String id, boolean autostart) {
    return asks(new Event.AutostartAsked(++tickets, id, autostart, "ada"));
  }

  RequestOutcome drain(boolean draining) {
    return asks(new Event.DrainAsked(++tickets, draining, "ada"));
  }

  RequestOutcome releaseGroup(String group) {
    return asks(new Event.GroupReleaseAsked(++tickets, group, "ada"));
  }

  RequestOutcome schedule(String id, String cron, Spec spec) {
    specs.put("spec of " + spec.name(), spec);
    return asks(
        new Event.ScheduleAsked(
            ++tickets,
            new Schedule(id, cron, "spec of " + spec.name(), "ada", true, 1, Optional.empty()),
            spec,
            ends(spec)));
  }

  RequestOutcome unschedule(String id, String by, boolean operator) {
    return asks(new Event.UnscheduleAsked(++tickets, id, by, operator));
  }

  private RequestOutcome asks(Event event) {
    happens(event);
    return effects.stream()
        .filter(effect -> effect instanceof Effect.Reply reply && reply.ticket() == tickets)
        .map(effect -> ((Effect.Reply) effect).answer())
        .findFirst()
        .orElseThrow();
  }

  /** It is dispatched, runs and completes. */
  void completes(String id, int run) {
    sees(id, up(run(run)));
    happens(
        new Event.Observed(
            withVerdict(
                seen(id, Optional.empty(), exited(run(run), 0)),
                new CompletionResult.Complete("all there"))));
    assertThat(stateOf(id)).isEqualTo(ExperimentState.COMPLETED);
  }

  /** It runs for some milliseconds and fails for good. */
  void fails(String id, int run, int code) {
    sees(id, up(run(run)));
    sees(id, failed(run(run), "exit-code"), exited(run(run), code));
    assertThat(stateOf(id)).isEqualTo(ExperimentState.FAILED);
  }

  /** Why an experiment is where it is. */
  String why(String id) {
    return decider.why(state, experiment(id), moment());
  }

  /** A look at the unit as it is now. */
  void sees(String id, Optional<UnitStatus> unit, ExitRecord... unseen) {
    happens(new Event.Observed(seen(id, unit, unseen)));
  }

  void sees(String id, UnitStatus unit, ExitRecord... unseen) {
    sees(id, Optional.of(unit), unseen);
  }

  void seesItGone(String id, ExitRecord... unseen) {
    sees(id, Optional.empty(), unseen);
  }

  Observation seen(String id, Optional<UnitStatus> unit, ExitRecord... unseen) {
    return new Observation(experiment(id), unit, List.of(unseen), Optional.empty(), true, false);
  }

  /** Another coordinator looks at everything; in another boot if the id differs. */
  void resync(String boot, Observation... observations) {
    happens(new Event.ManagerFound());
    happens(new Event.Resynced(boot, List.of(observations), List.of(), List.of()));
  }

  /** A comparison that finds units which nobody here has started. */
  void finds(UnitStatus... others) {
    happens(
        new Event.Resynced(
            BOOT,
            state.active().stream().map(e -> seen(e.id(), Optional.of(up(run(1))))).toList(),
            List.of(),
            List.of(others)));
  }

  /** The same with a unit whose files name an experiment that waits. */
  void takesOver(String id, UnitStatus unit) {
    finds(unit);
    String text = state.specText(id).orElseThrow();
    Spec spec = state.spec(id).orElseThrow();
    happens(new Event.StrayFound(unit.unit(), experiment(id).submission(), text, spec));
  }

  /** An experiment whose first run, {@code run(1)}, is seen to be active. */
  Experiment running(Spec spec) {
    enqueue(spec);
    String id = spec.id().orElseThrow();
    sees(id, up(run(1)));
    assertThat(experiment(id).state()).isEqualTo(ExperimentState.RUNNING);
    forget();
    return experiment(id);
  }

  Experiment running(String id) {
    return running(spec(id));
  }

  // --- what follows

  Experiment experiment(String id) {
    return state.find(id).orElseThrow(() -> new AssertionError("'" + id + "' is done"));
  }

  ExperimentState stateOf(String id) {
    return state.find(id).map(Experiment::state).orElseGet(() -> last(id).to().state());
  }

  String reasonOf(String id) {
    return last(id).reason();
  }

  /** The last step that was made. */
  Change.Moved last(String id) {
    return moves(id).stream().reduce((a, b) -> b).orElseThrow();
  }

  List<Change.Moved> moves(String id) {
    return changes.stream()
        .filter(change -> change instanceof Change.Moved moved && moved.id().equals(id))
        .map(change -> (Change.Moved) change)
        .toList();
  }

  List<RunEnd> ends() {
    return changes.stream()
        .filter(change -> change instanceof Change.RunEnded)
        .map(change -> ((Change.RunEnded) change).end())
        .toList();
  }

  List<RunEnd.Cause> causes() {
    return ends().stream().map(RunEnd::cause).toList();
  }

  /** The ids whose dispatch is wanted, in order. */
  List<String> dispatched() {
    return effects.stream()
        .filter(effect -> effect instanceof Effect.Dispatch)
        .map(effect -> ((Effect.Dispatch) effect).experiment().id())
        .toList();
  }

  <T extends Effect> List<T> effects(Class<T> kind) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  // --- words

  static String run(int number) {
    return "%032x".formatted(number);
  }

  static UnitStatus up(String invocation) {
    return up(invocation, "");
  }

  static UnitStatus up(String invocation, String text) {
    return Samples.unit(ActiveState.ACTIVE, "running", "success", invocation, 0, 0, text);
  }

  static UnitStatus restarting(String invocation, String result) {
    return unit(ActiveState.ACTIVATING, "auto-restart", result, invocation, 1, 3);
  }

  static UnitStatus starting(String invocation) {
    return unit(ActiveState.ACTIVATING, "start-pre", "success", invocation, 0, 0);
  }

  static UnitStatus deactivating(String invocation) {
    return unit(ActiveState.DEACTIVATING, "stop-sigterm", "success", invocation, 0, 0);
  }

  static UnitStatus failed(String invocation, String result) {
    return unit(ActiveState.FAILED, "failed", result, invocation, 1, 3);
  }

  static UnitStatus dead(String invocation, String result) {
    return unit(ActiveState.INACTIVE, "dead", result, invocation, 1, 0);
  }

  static UnitStatus unit(
      ActiveState active, String sub, String result, String invocation, int code, int status) {
    return Samples.unit(active, sub, result, invocation, code, status, "");
  }

  static ExitRecord exited(String invocation, int code) {
    return exit(invocation, code == 0 ? "success" : "exit-code", "exited", String.valueOf(code), 0);
  }

  static ExitRecord killed(String invocation, String signal) {
    return exit(invocation, signal.equals("TERM") ? "success" : "signal", "killed", signal, 0);
  }

  static ExitRecord exit(
      String invocation, String result, String code, String status, long oomKills) {
    return Samples.exit(invocation, result, code, status, oomKills);
  }

  static Observation withVerdict(Observation seen, CompletionResult verdict) {
    return new Observation(
        seen.experiment(), seen.unit(), seen.records(), Optional.of(verdict), true, false);
  }

  static Observation inconclusive(Observation seen) {
    return new Observation(
        seen.experiment(), seen.unit(), seen.records(), seen.completion(), false, false);
  }

  /** A run of this unit that is up for so long. */
  UnitStatus up(String invocation, String text, Duration since) {
    UnitStatus unit = up(invocation, text);
    return Samples.activeSince(unit, moment().uptime().minus(since));
  }

  /** With arguments of its own, and no restarts. */
  static Spec command(String id, String... argv) {
    return Samples.read(
        "{'id': '%s', 'name': '%s', 'command': ['%s'], 'working_directory': '/', 'ram': '1G', 'max_crashes': 0}"
            .formatted(id, id, String.join("', '", argv)));
  }

  /** What a request says besides its id; with single quotes. */
  static Spec asked(String id, String fields) {
    return Samples.read(
        "{'id': '%s', 'name': '%s', 'command': ['x'], 'working_directory': '/', 'ram': '1G'%s}"
            .formatted(id, id, fields.isEmpty() ? "" : ", " + fields));
  }

  static Spec spec(String id) {
    return spec(id, 0, 1, OptionalInt.empty(), Optional.empty());
  }

  static Spec spec(String id, int priority, long gib) {
    return spec(id, priority, gib, OptionalInt.empty(), Optional.empty());
  }

  static Spec spec(String id, OptionalInt maxCrashes) {
    return spec(id, 0, 1, maxCrashes, Optional.empty());
  }

  static Spec spec(
      String id, int priority, long gib, OptionalInt maxCrashes, Optional<Duration> maxDuration) {
    return Samples.spec(id, id, priority, gib * GIB, maxCrashes, maxDuration);
  }

  /** An experiment as an older life of the coordinator has stored it. */
  static Experiment stored(String id, long sequence, Phase phase, boolean resumesFirst) {
    return Samples.experiment(id, sequence, phase, resumesFirst);
  }
}
