package io.coord.scheduler.core.state;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.RunEnd;
import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import io.coord.thermal.CurrentMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The experiments that have not ended, and the runtime state. The experiments are the sum of the
 * stored changes; nothing else alters them. For the one thread that owns it.
 */
public final class State {

  /**
   * The order of admission: what was interrupted first, then priority, then age by sequence. The
   * wall clock has no part in it.
   */
  public static final Comparator<Experiment> ORDER =
      Comparator.comparing((Experiment e) -> !e.status().resumesFirst())
          .thenComparing(
              Comparator.comparingInt((Experiment e) -> e.submission().priority()).reversed())
          .thenComparingLong(Experiment::sequence);

  /** How many waiting experiments are looked at in one go. */
  private static final int LOOKS_AT_ONCE = 500;

  private final Experiments experiments = new Experiments();
  private final KeptSpecs specs;
  private final TreeMap<String, Phase.Stopping> unstoredStops = new TreeMap<>();
  private final SeenRuns seenRuns = new SeenRuns();
  private final EnqueueRates enqueueRates = new EnqueueRates();
  private final KnownSchedules schedules = new KnownSchedules();
  private final Breakers breakers = new Breakers();
  private final DependencyGraph dependencies = new DependencyGraph();
  private boolean draining;
  private Instant wall = Instant.MIN;
  private Duration uptime = Duration.ZERO;
  private long lastSequence;
  private Optional<String> lastBoot;
  private RuntimeState runtime;

  /**
   * The state as it was stored.
   *
   * @param parser reads a stored spec; empty for one that this version cannot read
   */
  public State(
      RestoredState restored, RuntimeState runtime, Function<String, Optional<Spec>> parser) {
    this.specs = new KeptSpecs(restored.specs()::of, parser);
    this.lastSequence = restored.lastSequence();
    this.lastBoot = restored.lastBoot();
    this.runtime = runtime;
    this.draining = restored.coordinator().draining().isPresent();
    for (Schedule schedule : restored.schedules()) {
      put(schedule, parser.apply(schedule.spec()));
    }
    restored.breakers().forEach(breakers::set);
    restored.active().accept(this::restore);
    restored.specs().eachSize(experiments::setSpecBytes);
    dependencies.resolveEnded(experiments::contains, restored.stateOf());
    dependencies.dependents().forEach(this::lookAtDependencies);
  }

  /**
   * Puts an experiment where it was. What one requires that an earlier version has stored is read
   * from its spec.
   */
  private void restore(Experiment stored) {
    Optional<Spec> spec =
        WaitingQueue.holds(stored) && stored.submission().requirements().isPresent()
            ? Optional.empty()
            : specs.of(stored.id());
    put(SpecRequirements.completed(stored, spec), spec);
  }

  /** All experiments that have not ended, by id. */
  public Collection<Experiment> experiments() {
    return experiments.all();
  }

  /** The experiments that are queued or held. */
  public WaitingQueue queue() {
    return experiments.queue();
  }

  /** How many experiments a user has enqueued in the present minute. */
  public int enqueuedInMinute(String owner, Duration now) {
    return enqueueRates.of(owner, now);
  }

  /** The queued experiments, in the order of admission. */
  public Collection<Experiment> waiting() {
    return experiments.queue().inOrder();
  }

  /** The experiments that hold a slot, by id. */
  public Collection<Experiment> active() {
    return experiments.active();
  }

  /** The experiments whose claim of success could not be verified yet, by id. */
  public Collection<Experiment> verifying() {
    return experiments.in(ExperimentState.VERIFYING);
  }

  /** The experiments that heat has stopped and that come back once it is cool, by id. */
  public Collection<Experiment> cooling() {
    return experiments.in(ExperimentState.COOLING);
  }

  /** The experiment with this id; empty if there is none that has not ended. */
  public Optional<Experiment> find(String id) {
    return experiments.find(id);
  }

  /** The spec of a schedule; empty if this version cannot read it. */
  public Optional<Spec> scheduleSpec(String id) {
    return schedules.spec(id);
  }

  /** The group of an experiment. */
  public static String groupOf(Experiment experiment) {
    return Experiments.groupOf(experiment);
  }

  /** How many experiments are in each state that any is in. */
  public Map<ExperimentState, Integer> counts() {
    return experiments.counts();
  }

  /** How many experiments of a group hold a slot. */
  public int slotsTaken(String group) {
    return experiments.slotsTaken(group);
  }

  /** The breakers of commands that fail early. */
  public Breakers breakers() {
    return breakers;
  }

  /** All schedules, by id. */
  public Collection<Schedule> schedules() {
    return schedules.all();
  }

  /** A number that changes whenever a schedule does. */
  public long schedulesVersion() {
    return schedules.version();
  }

  /** Whether what runs is finished and nothing is started. */
  public boolean draining() {
    return draining;
  }

  /** What an experiment still waits for; empty if nothing. */
  public Optional<String> awaited(String id) {
    return dependencies.awaited(id);
  }

  /** All dependencies, ended or not, of schedules and of experiments that have not ended. */
  public SortedSet<String> awaited() {
    return dependencies.awaited();
  }

  /** The first waiting experiments that can never start because of a dependency. */
  public List<Experiment> unsatisfiable(int limit) {
    return dependencies.unsatisfiable().stream()
        .flatMap(id -> experiments.queue().find(id).stream())
        .limit(limit)
        .toList();
  }

  /** Why {@link #unsatisfiable} can never start. */
  public String whyUnsatisfiable(String id) {
    return dependencies.why(id);
  }

  /** How the last crash that this coordinator has seen of an experiment ended its run. */
  public Optional<String> lastCrash(String id) {
    return seenRuns.lastCrash(id);
  }

  /**
   * The uptime at which an experiment's last new cycle, or the begin of its run, was seen; where
   * that was before this coordinator's time, the begin of that. Empty before its first decision.
   */
  public Optional<Duration> progressAt(String id) {
    return seenRuns.progressAt(id);
  }

  /**
   * How long an experiment may still run, by its own limit; empty if it has none.
   *
   * @param uptime the present
   */
  public Optional<Duration> timeLeft(Experiment experiment, Duration uptime) {
    return seenRuns.timeLeft(experiment, uptime);
  }

  /**
   * The spec of an experiment that has not ended; empty if this version cannot read it. In memory
   * for those that have started, read from what is stored for those that wait.
   */
  public Optional<Spec> spec(String id) {
    return specs.of(id);
  }

  /**
   * The spec of an experiment as it is stored; empty if there is no such experiment.
   *
   * @throws io.coord.persistence.LedgerException if it cannot be read
   */
  public Optional<String> specText(String id) {
    return specs.text(id);
  }

  /**
   * The spec of an experiment that has not ended; empty if this version cannot read it.
   *
   * @param text as it is stored
   */
  public Optional<Spec> spec(String id, String text) {
    return specs.of(id, text);
  }

  /** Sets an experiment aside: nothing is decided about it but that it is held. */
  public void setAside(String id, String why) {
    runtime = runtime.withSetAside(id, Optional.of(why));
  }

  /** The power mode that the spec of an experiment names, as the board listed it at enqueueing. */
  public Optional<CurrentMode> requestedPowerMode(String id) {
    return find(id)
        .flatMap(experiment -> experiment.submission().requestedPowerMode())
        .map(RestoredState::mode);
  }

  /** The largest sequence in use. */
  public long lastSequence() {
    return lastSequence;
  }

  /** The boot that was seen last; empty before the first. */
  public Optional<String> lastBoot() {
    return lastBoot;
  }

  /** What is known of the world outside. */
  public RuntimeState runtime() {
    return runtime;
  }

  /**
   * A stop that was carried out although it could not be stored, so that the end of the run is
   * understood; empty if there is none.
   */
  public Optional<Phase.Stopping> unstoredStop(String id) {
    return Optional.ofNullable(unstoredStops.get(id));
  }

  /** Skips the next number of a schedule, because its id was used before. */
  public void skipNumber(String id) {
    for (Schedule schedule : schedules()) {
      int number = ScheduledIds.nextNumber(this, schedule);
      if (ScheduledIds.idOf(schedule, number).equals(id)) {
        schedules.change(schedule.id(), found -> found.past(number));
        return;
      }
    }
  }

  /** Skips the next sequence, because its default id was used before. */
  public void skipSequence() {
    lastSequence++;
  }

  /**
   * Applies what is true although a decision could not be stored: the heat, whether the service
   * manager is lost, and the stops, which are carried out anyway.
   */
  public void applyUnstored(StateUpdate update) {
    for (Change change : update.changes()) {
      if (change instanceof Change.Moved moved && moved.to() instanceof Phase.Stopping stop) {
        unstoredStops.put(moved.id(), stop);
      }
    }
    RuntimeState now =
        update
            .runtime()
            .withThermalState(
                update.runtime().thermalState().withoutUnstored(runtime.thermalState()));
    // INVARIANT: the manager is up only once all that was seen in the comparison is stored.
    boolean comesUp = now.manager().up() && !runtime.manager().up();
    runtime = comesUp ? now.withManagerDown(runtime.manager().problem()) : now;
  }

  /**
   * Applies an update, once its changes are stored.
   *
   * @throws IllegalStateException if it makes a transition that is not allowed, which is a bug
   */
  public void apply(StateUpdate update, Timestamps now) {
    wall = now.wall();
    uptime = now.uptime();
    seenRuns.begin(uptime);
    dependencies.addEnds(update.ends());
    Applying applying = new Applying(update.specs());
    update.changes().forEach(change -> change.deliverTo(applying));
    runtime = update.runtime();
    dependencies.settle(LOOKS_AT_ONCE).forEach(this::lookAtDependencies);
    WaitingQueue queue = experiments.queue();
    queue.advance(wall, id -> dependencies.awaited(id).isPresent(), LOOKS_AT_ONCE);
    queue.retryDue(uptime, wall, LOOKS_AT_ONCE);
    QueueBlocks.retries(update, uptime, queue);
    queue.block(
        QueueBlocks.places(runtime, active(), uptime),
        QueueBlocks.commands(runtime, breakers, uptime));
  }

  private void lookAtDependencies(String id) {
    if (dependencies.awaited(id).isEmpty()) {
      experiments.queue().awaitsNothing(id, wall);
    }
  }

  /**
   * Whether each experiment that waits has been looked at since what it waited for has ended. Where
   * very many waited for the same, that is done in pieces, one with each update; until then, the
   * first that may start is not known.
   */
  public boolean isSettled() {
    return dependencies.isSettled()
        && !experiments.queue().hasDue(wall)
        && !experiments.queue().hasRetryDue(uptime);
  }

  /** The experiment of an owner with this unique key. */
  public Optional<Experiment> withUniqueKey(String owner, String key) {
    return experiments.withUniqueKey(owner, key).flatMap(this::find);
  }

  /** Applies one change after another. */
  private final class Applying implements Change.Handler {
    private final ParsedSpecs parsed;

    private Applying(ParsedSpecs parsed) {
      this.parsed = parsed;
    }

    @Override
    public void on(Change.Enqueued change) {
      specs.enqueued(change.id(), before -> find(before).filter(WaitingQueue::holds).isPresent());
      put(
          change.experiment(),
          Optional.ofNullable(parsed.ofExperiments().get(change.experiment().id())));
      experiments.setSpecBytes(change.id(), change.specBytes());
      lastSequence = Math.max(lastSequence, change.experiment().sequence());
      enqueueRates.enqueued(change.experiment().submission().owner(), uptime);
    }

    @Override
    public void on(Change.Moved change) {
      Experiment before = known(change);
      ExperimentState to = change.to().state();
      if (!Transitions.allowed(before.state(), to)) {
        throw new IllegalStateException(
            "transition not allowed: " + before.state() + " to " + to + ": " + change);
      }
      unstoredStops.remove(change.id());
      put(before.after(change), Optional.ofNullable(parsed.ofExperiments().get(change.id())));
      if (to.isFinal()) {
        seenRuns.forget(change.id());
      }
    }

    @Override
    public void on(Change.RunStarted change) {
      put(known(change).after(change), Optional.empty());
      seenRuns.began(change.id(), uptime);
    }

    @Override
    public void on(Change.RunEnded change) {
      put(known(change).after(change), Optional.empty());
      if (change.end().kind() == RunEnd.Kind.CRASH) {
        seenRuns.crashed(change.id(), change.end().detail());
      }
    }

    @Override
    public void on(Change.Progressed change) {
      put(known(change).after(change), Optional.empty());
      seenRuns.progressed(change.id(), uptime);
    }

    @Override
    public void on(Change.RecordsSkipped change) {
      put(known(change).after(change), Optional.empty());
    }

    @Override
    public void on(Change.AutostartSet change) {
      put(known(change).after(change), Optional.empty());
    }

    private Experiment known(Change.OfExperiment change) {
      return find(change.id())
          .orElseThrow(
              () -> new IllegalStateException("change for an unknown experiment: " + change));
    }

    @Override
    public void on(Change.BootSeen change) {
      lastBoot = Optional.of(change.bootId());
    }

    /** Only the ledger counts its age. */
    @Override
    public void on(Change.TimePassed change) {}

    @Override
    public void on(Change.DrainingSet change) {
      draining = change.by().isPresent();
    }

    /** Part of the {@link ThermalState}, which comes with the decision. */
    @Override
    public void on(Change.PowerModeBeforeSet change) {}

    /** Part of the {@link ThermalState}, which comes with the decision. */
    @Override
    public void on(Change.ThrottledFromSet change) {}

    @Override
    public void on(Change.ScheduleSet change) {
      put(change.schedule(), Optional.ofNullable(parsed.ofSchedules().get(change.schedule().id())));
    }

    @Override
    public void on(Change.ScheduleRemoved change) {
      dependencies.removeSchedule(change.id(), schedules.dependencies(change.id()));
      schedules.remove(change.id());
    }

    @Override
    public void on(Change.ScheduleFired change) {
      schedules.change(change.id(), schedule -> schedule.after(change));
    }

    @Override
    public void on(Change.BreakerSet change) {
      breakers.set(change.breaker());
    }
  }

  private void put(Schedule schedule, Optional<Spec> spec) {
    schedules.put(schedule, spec);
    dependencies.addSchedule(schedule.id(), schedules.dependencies(schedule.id()));
  }

  /**
   * @param spec empty if it is known already, or if this version cannot read it
   */
  private void put(Experiment experiment, Optional<Spec> spec) {
    if (experiment.state().isFinal()) {
      experiments.remove(experiment.id());
      dependencies.end(experiment.id(), experiment.state());
      specs.ended(experiment.id());
      return;
    }
    experiment
        .submission()
        .requirements()
        .ifPresent(its -> dependencies.add(experiment.id(), its.order()));
    experiments.put(experiment, dependencies.awaited(experiment.id()).isPresent());
    if (WaitingQueue.holds(experiment)) {
      specs.waits(experiment.id(), spec);
    } else {
      specs.started(experiment.id(), spec);
    }
  }
}
