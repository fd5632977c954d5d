package io.coord.scheduler.core.admission;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Requirements;
import io.coord.runner.ByteSize;
import io.coord.runner.Durations;
import io.coord.scheduler.core.state.DispatchState;
import io.coord.scheduler.core.state.DispatchState.Retry;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.QueueLane;
import io.coord.scheduler.core.state.QueueSearch;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.thermal.Heat;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Thresholds;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which experiment may start now, and why the others wait.
 *
 * <p>The first in order that fits starts. An experiment that does not fit does not block smaller
 * experiments behind it, until it has waited for memory so long at the head of the queue that
 * memory is reserved for it.
 */
public final class Admission {
  /** Needs more than this: each does. */
  private static final long ANY_RAM = -1;

  static final String CAN_NEVER_START = "can never start: ";

  private final State state;
  private final Limits limits;
  private final Timestamps now;
  private final Canaries canaries;
  private final PowerModeConditions powerModes;
  private boolean reservationFound;
  private Optional<MemoryReservation> reservation = Optional.empty();

  /** For this state; valid until the state changes. */
  public Admission(State state, Limits limits, Timestamps now) {
    this.state = state;
    this.limits = limits;
    this.now = now;
    this.powerModes = new PowerModeConditions(state, now);
    this.canaries =
        new Canaries(
            state,
            now,
            e -> ownObstacle(e, Long.MAX_VALUE).isEmpty() && powerModes.obstacle(e).isEmpty());
  }

  /** The experiment that may start now; empty if none may. */
  public Optional<Experiment> next() {
    if (closed().isPresent()) {
      return Optional.empty();
    }
    long free = freeRamBytes();
    return first(
        lane -> powerModes.obstacle(lane.powerMode()).isEmpty(),
        e ->
            obstacle(e, free).isEmpty()
                && powerModes.obstacle(e).isEmpty()
                && behindReservation(e).isEmpty());
  }

  /** The first in the queue that fits into the memory, and that a reservation lets start. */
  private Optional<Experiment> first(Predicate<QueueLane> lanes, Predicate<Experiment> fits) {
    long free = freeRamBytes();
    Predicate<QueueLane> open = lane -> isOpen(lane) && lanes.test(lane);
    if (reservation().isEmpty()) {
      return state
          .queue()
          .first(new QueueSearch(open, ANY_RAM, lane -> free, QueueSearch.Part.ALL, fits));
    }
    MemoryReservation reserved = reservation().get();
    Optional<Experiment> head = Optional.of(reserved.head());
    QueueSearch toTheHead =
        new QueueSearch(
            open, ANY_RAM, lane -> free, new QueueSearch.Part(Optional.empty(), head), fits);
    QueueSearch behindIt =
        new QueueSearch(
            open,
            ANY_RAM,
            lane -> reserved.mayEndBefore(lane) ? free : Math.min(free, reserved.besideBytes()),
            new QueueSearch.Part(head, Optional.empty()),
            fits);
    return state.queue().first(toTheHead).or(() -> state.queue().first(behindIt));
  }

  /** Whether neither its group nor heat is in the way of all experiments of a lane. */
  private boolean isOpen(QueueLane lane) {
    return groupObstacle(lane.group()).isEmpty() && !isTooHot(lane.maxMilliCelsius());
  }

  /** The first experiment that could start if the board were in another power mode, live. */
  public Optional<Experiment> nextInAnotherMode() {
    PowerState power = state.runtime().thermalState().power();
    if (closed().isPresent() || power.switching(now.uptime())) {
      return Optional.empty();
    }
    long free = freeRamBytes();
    return first(
        lane -> powerModes.mayBeSwitchedFor(lane.powerMode()),
        e -> obstacle(e, free).isEmpty() && behindReservation(e).isEmpty());
  }

  /**
   * Whether the hottest zone is below an experiment's own limit, by the hysteresis. False if no
   * zone can be read.
   */
  public static boolean coolEnough(Heat heat, Thresholds thresholds, int maxMilliCelsius) {
    return heat.hottest()
        .flatMap(ZoneReading::temperature)
        .filter(t -> t.value() < maxMilliCelsius - thresholds.hysteresis().value())
        .isPresent();
  }

  private OptionalInt maxMilliCelsius(Experiment experiment) {
    return experiment
        .submission()
        .requirements()
        .map(Requirements::maxMilliCelsius)
        .orElse(OptionalInt.empty());
  }

  private boolean isTooHot(OptionalInt max) {
    return max.isPresent()
        && !coolEnough(state.runtime().heat(), limits.heat().thresholds(), max.getAsInt());
  }

  private Optional<String> groupObstacle(String group) {
    Integer slots = limits.capacity().groupSlots().get(group);
    return slots != null && state.slotsTaken(group) >= slots
        ? Optional.of(
            "waits for a slot of group '" + group + "': " + slots + " of " + slots + " used")
        : Optional.empty();
  }

  private Optional<String> heatObstacle(Experiment experiment) {
    OptionalInt max = maxMilliCelsius(experiment);
    Heat heat = state.runtime().heat();
    if (!isTooHot(max)) {
      return Optional.empty();
    }
    return Optional.of(
        "waits until below %s (%s under the experiment's limit): %s"
            .formatted(
                new MilliCelsius(max.getAsInt() - limits.heat().thresholds().hysteresis().value())
                    .exact(),
                limits.heat().thresholds().hysteresis().exact(),
                heat.reason()));
  }

  /** Why no experiment may start; empty if some may. */
  public Optional<String> closed() {
    RuntimeState runtime = state.runtime();
    if (!runtime.manager().up()) {
      return Optional.of(runtime.manager().problem());
    }
    if (runtime.manager().targetStopping()) {
      return Optional.of(
          ExperimentUnits.TARGET
              + " was stopped; continue with 'systemctl start "
              + ExperimentUnits.TARGET
              + "'");
    }
    int taken = state.active().size() + runtime.manager().unmanaged().size();
    Optional<String> hot =
        runtime.thermalState().startObstacle(limits.heat().starts(), taken, now.uptime());
    if (hot.isPresent()) {
      return hot;
    }
    if (state.draining()) {
      return Optional.of("draining: no experiment starts until 'coord resume'");
    }
    if (taken >= limits.capacity().slots()) {
      return Optional.of(
          "waits for a slot: "
              + taken
              + " of "
              + limits.capacity().slots()
              + " used by "
              + state.active().stream()
                  .map(Experiment::id)
                  .limit(4)
                  .collect(Collectors.joining(", "))
              + (taken > 4 ? " and others" : ""));
    }
    return Optional.empty();
  }

  /** The reason for this experiment's state, as of now. */
  public String why(Experiment experiment) {
    if (experiment.state() == ExperimentState.COOLING) {
      return heatObstacle(experiment)
          .orElseGet(() -> "waits for cooling: " + state.runtime().heat().reason());
    }
    if (experiment.state() != ExperimentState.QUEUED) {
      return experiment.status().reason();
    }
    // A reason that concerns this experiment alone says more than one that concerns all.
    return obstacle(experiment, Long.MAX_VALUE)
        .or(this::closed)
        .or(() -> obstacle(experiment, freeRamBytes()))
        .or(() -> behindReservation(experiment))
        .or(() -> powerModes.obstacle(experiment))
        .orElse("next to start");
  }

  /**
   * What this experiment waits for, if only a person can end the wait; empty if it goes on without
   * one.
   */
  public Optional<String> awaitsPerson(Experiment experiment) {
    if (experiment.state() == ExperimentState.HELD) {
      return Optional.of("held: " + experiment.status().reason());
    }
    if (experiment.state() != ExperimentState.QUEUED) {
      return Optional.empty();
    }
    Optional<String> held =
        state
            .awaited(experiment.id())
            .flatMap(state::find)
            .filter(awaited -> awaited.state() == ExperimentState.HELD)
            .map(
                awaited ->
                    "waits for '"
                        + awaited.id()
                        + "', which is held: "
                        + awaited.status().reason());
    Retry retry = state.runtime().dispatch().retries().get(experiment.id());
    if (retry != null && retry.failures() >= Limits.DISPATCH_ATTEMPTS) {
      return Optional.of(
          retry.why() + "; retried every " + Durations.brief(DispatchState.MAX_DELAY));
    }
    boolean closedByPerson = state.draining() || state.runtime().manager().targetStopping();
    return held.or(() -> closedByPerson ? closed() : Optional.empty())
        .or(() -> excludedBySettings(experiment))
        .or(() -> runningElsewhere(experiment))
        .or(
            () ->
                powerModes.obstacle(experiment).filter(why -> powerModes.needsPerson(experiment)));
  }

  /** What keeps this experiment from starting, besides what concerns all of them. */
  private Optional<String> obstacle(Experiment experiment, long freeBytes) {
    return ownObstacle(experiment, freeBytes).or(() -> heldByBreaker(experiment));
  }

  private Optional<String> heldByBreaker(Experiment experiment) {
    return state
        .breakers()
        .held(experiment)
        .filter(
            breaker -> !Breaker.hasSurvived(experiment) && !canaries.mayTry(breaker, experiment))
        .map(
            breaker ->
                "command is held: "
                    + breaker.streak()
                    + " experiments of '"
                    + breaker.key().owner()
                    + "' in a row failed early with "
                    + breaker.cause().orElse("one cause")
                    + "; retried automatically, or run 'coord release "
                    + experiment.id()
                    + "'");
  }

  /** Why the settings exclude this experiment, which they did not when it was enqueued. */
  private Optional<String> excludedBySettings(Experiment experiment) {
    OptionalInt max = maxMilliCelsius(experiment);
    MilliCelsius hysteresis = limits.heat().thresholds().hysteresis();
    if (max.isPresent() && max.getAsInt() <= hysteresis.value()) {
      return Optional.of(
          CAN_NEVER_START
              + "its limit of "
              + new MilliCelsius(max.getAsInt()).exact()
              + " is not above the hysteresis of "
              + hysteresis.exact()
              + " (THERMAL_HYSTERESIS_CELSIUS)");
    }
    long needed = experiment.submission().ramBytes();
    if (needed <= limits.capacity().ramBytes()) {
      return Optional.empty();
    }
    List<String> sizes = ByteSize.formatApart(needed, limits.capacity().ramBytes());
    return Optional.of(
        CAN_NEVER_START
            + "needs "
            + sizes.get(0)
            + " of memory, but all experiments together are limited to "
            + sizes.get(1)
            + " (TOTAL_RAM_LIMIT_GB)");
  }

  /** A start would find the unit active, and take what it runs for the experiment. */
  private Optional<String> runningElsewhere(Experiment experiment) {
    String unit = ExperimentUnits.unitOf(experiment.id());
    return state.runtime().manager().unmanaged().contains(unit)
        ? Optional.of(
            "unit '"
                + unit
                + "' runs, which coord has not started; stop it with 'systemctl stop "
                + unit
                + "'")
        : Optional.empty();
  }

  private Optional<String> ownObstacle(Experiment experiment, long freeBytes) {
    Optional<String> never = excludedBySettings(experiment).or(() -> runningElsewhere(experiment));
    if (never.isPresent()) {
      return never;
    }
    Optional<String> awaited = state.awaited(experiment.id());
    if (awaited.isPresent()) {
      return Optional.of("waits for '" + awaited.get() + "' to end");
    }
    Optional<Instant> notBefore =
        experiment.submission().requirements().flatMap(its -> its.order().notBefore());
    if (notBefore.filter(now.wall()::isBefore).isPresent()) {
      return Optional.of("does not start before " + notBefore.get());
    }
    Optional<String> retry = retryObstacle(experiment);
    if (retry.isPresent()) {
      return retry;
    }
    Optional<String> group = groupObstacle(State.groupOf(experiment));
    if (group.isPresent()) {
      return group;
    }
    Optional<String> hot = heatObstacle(experiment);
    if (hot.isPresent()) {
      return hot;
    }
    if (experiment.submission().ramBytes() > freeBytes) {
      List<String> sizes = ByteSize.formatApart(experiment.submission().ramBytes(), freeBytes);
      return Optional.of(
          "waits for memory: needs "
              + sizes.get(0)
              + ", "
              + sizes.get(1)
              + " of "
              + ByteSize.format(limits.capacity().ramBytes())
              + " available"
              + reservation()
                  .filter(reserved -> reserved.head().id().equals(experiment.id()))
                  .map(reserved -> "; reserved for it as it becomes free")
                  .orElse(""));
    }
    return Optional.empty();
  }

  /** The wait after a dispatch that failed: its own, or one in the same place. */
  private Optional<String> retryObstacle(Experiment experiment) {
    DispatchState dispatch = state.runtime().dispatch();
    Retry own = dispatch.retries().get(experiment.id());
    if (own != null && own.waits(now.uptime())) {
      return Optional.of(own.why() + "; retried in " + remaining(own));
    }
    Optional<String> place = DispatchState.placeOf(experiment);
    Retry shared = place.isPresent() ? dispatch.places().get(place.get()) : null;
    if (shared == null) {
      return Optional.empty();
    }
    if (shared.waits(now.uptime())) {
      return Optional.of("waits: " + shared.why() + "; retried in " + remaining(shared));
    }
    // One of them finds out for all.
    return state.active().stream()
        .filter(other -> other.state() == ExperimentState.STARTING)
        .filter(other -> DispatchState.placeOf(other).equals(place))
        .findFirst()
        .map(other -> "waits: " + shared.why() + "; being retried with '" + other.id() + "'");
  }

  private String remaining(Retry retry) {
    return Durations.brief(retry.from().minus(now.uptime()));
  }

  /** The memory that is reserved now; empty if none is. */
  public Optional<MemoryReservation> reservation() {
    if (!reservationFound) {
      reservation = findReservation();
      reservationFound = true;
    }
    return reservation;
  }

  private Optional<MemoryReservation> findReservation() {
    long free = freeRamBytes();
    return state.runtime().waitsForMemory().entrySet().stream()
        .filter(
            wait ->
                now.uptime().minus(wait.getValue()).compareTo(limits.memoryReservedAfter()) >= 0)
        .flatMap(wait -> state.find(wait.getKey()).stream())
        .filter(experiment -> waitsForMemoryAlone(experiment, free))
        .min(State.ORDER)
        .map(head -> MemoryReservation.of(state, head, free, now.uptime()));
  }

  /**
   * Since when experiments wait for memory at the head of the queue, as of now; without those that
   * do not wait any more.
   */
  public SortedMap<String, Duration> waitsForMemory() {
    TreeMap<String, Duration> waits = new TreeMap<>();
    state
        .runtime()
        .waitsForMemory()
        .forEach(
            (id, since) -> {
              if (state.find(id).filter(e -> e.state() == ExperimentState.QUEUED).isPresent()) {
                waits.put(id, since);
              }
            });
    long free = freeRamBytes();
    state
        .queue()
        .first(
            new QueueSearch(
                lane -> isOpen(lane) && powerModes.obstacle(lane.powerMode()).isEmpty(),
                free,
                lane -> limits.capacity().ramBytes(),
                QueueSearch.Part.ALL,
                experiment -> waitsForMemoryAlone(experiment, free)))
        .ifPresent(head -> waits.putIfAbsent(head.id(), now.uptime()));
    return waits;
  }

  private boolean waitsForMemoryAlone(Experiment experiment, long freeBytes) {
    return experiment.state() == ExperimentState.QUEUED
        && experiment.submission().ramBytes() > freeBytes
        && obstacle(experiment, Long.MAX_VALUE).isEmpty()
        && powerModes.obstacle(experiment).isEmpty();
  }

  private Optional<String> behindReservation(Experiment experiment) {
    return reservation()
        .filter(reserved -> !reserved.allows(state, experiment, now.uptime()))
        .map(
            reserved ->
                "waits for '"
                    + reserved.head().id()
                    + "', for which "
                    + ByteSize.format(reserved.head().submission().ramBytes())
                    + " of memory is reserved; only experiments that end before it starts or fit"
                    + " beside it start now");
  }

  private long freeRamBytes() {
    long reserved = state.active().stream().mapToLong(e -> e.submission().ramBytes()).sum();
    return Math.max(0, limits.capacity().ramBytes() - reserved);
  }
}
