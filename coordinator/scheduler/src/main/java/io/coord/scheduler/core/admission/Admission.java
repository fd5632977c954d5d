package io.coord.scheduler.core.admission;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.runner.ByteSize;
import io.coord.runner.Durations;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.DispatchState;
import io.coord.scheduler.core.state.DispatchState.Retry;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.Heat;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.PowerModePlan;
import io.coord.thermal.Thresholds;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Which experiment may start now, and why the others wait.
 *
 * <p>The first in order that fits starts; an experiment that does not fit does not block smaller
 * experiments behind it.
 */
public final class Admission {
  private final State state;
  private final Limits limits;
  private final Timestamps now;

  /** For this state; valid until the state changes. */
  public Admission(State state, Limits limits, Timestamps now) {
    this.state = state;
    this.limits = limits;
    this.now = now;
  }

  /** The experiment that may start now; empty if none may. */
  public Optional<Experiment> next() {
    if (closed().isPresent()) {
      return Optional.empty();
    }
    long free = freeRamBytes();
    return state.waiting().stream()
        .filter(e -> obstacle(e, free).isEmpty() && modeObstacle(e).isEmpty())
        .findFirst();
  }

  /** The first experiment that could start if the board were in another power mode, live. */
  public Optional<Experiment> nextInAnotherMode() {
    PowerState power = state.runtime().thermalState().power();
    if (closed().isPresent() || power.switching(now.uptime())) {
      return Optional.empty();
    }
    long free = freeRamBytes();
    return state.waiting().stream()
        .filter(e -> state.requestedPowerMode(e.id()).isPresent())
        .filter(
            e ->
                plan(e) instanceof PowerModePlan.SwitchFirst to
                    && mayTry(to)
                    && obstacle(e, free).isEmpty())
        .findFirst();
  }

  private boolean mayTry(PowerModePlan.SwitchFirst plan) {
    PowerState power = state.runtime().thermalState().power();
    return power.whyNot(plan.to().asCurrent(), now.uptime()).isEmpty();
  }

  private PowerModePlan plan(Experiment experiment) {
    PowerState power = state.runtime().thermalState().power();
    List<PowerModePlan.RunningExperiment> running =
        state.active().stream()
            .map(
                other ->
                    new PowerModePlan.RunningExperiment(
                        other.id(), state.requestedPowerMode(other.id())))
            .toList();
    return power
        .modes()
        .map(
            modes ->
                PowerModePlan.of(
                    modes, power.now(), running, state.requestedPowerMode(experiment.id())))
        .orElseGet(
            () ->
                new PowerModePlan.Waits(
                    "requests power mode "
                        + state.requestedPowerMode(experiment.id()).orElseThrow()
                        + ", but "
                        + power.problem()));
  }

  /** Why the power mode prevents a start. */
  private Optional<String> modeObstacle(Experiment experiment) {
    if (state.requestedPowerMode(experiment.id()).isEmpty()) {
      return Optional.empty();
    }
    PowerModePlan plan = plan(experiment);
    if (plan instanceof PowerModePlan.SwitchFirst first) {
      PowerState power = state.runtime().thermalState().power();
      CurrentMode mode = first.to().asCurrent();
      return Optional.of(
          power
              .whyNot(mode, now.uptime())
              .map(why -> "power mode " + mode + " is not available: " + why + "; retried later")
              .orElse("waits for power mode " + mode));
    }
    if (plan instanceof PowerModePlan.Waits waits) {
      return Optional.of(waits.reason());
    }
    if (plan instanceof PowerModePlan.NeedsReboot reboot) {
      return Optional.of(reboot.reason());
    }
    return plan instanceof PowerModePlan.Refused refused
        ? Optional.of(refused.reason())
        : Optional.empty();
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

  private Optional<String> heatObstacle(Experiment experiment) {
    OptionalInt max =
        state
            .spec(experiment.id())
            .map(spec -> spec.conditions().maxMilliCelsius())
            .orElse(OptionalInt.empty());
    Heat heat = state.runtime().heat();
    if (max.isEmpty() || coolEnough(heat, limits.heat().thresholds(), max.getAsInt())) {
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
    if (!runtime.heat().admits()) {
      return Optional.of(runtime.heat().reason());
    }
    if (state.draining()) {
      return Optional.of("draining: no experiment starts until 'coord resume'");
    }
    int taken = state.active().size() + runtime.manager().unmanaged().size();
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
        .or(() -> modeObstacle(experiment))
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
        .or(() -> modeObstacle(experiment).filter(why -> needsReboot(experiment)));
  }

  private boolean needsReboot(Experiment experiment) {
    PowerModePlan plan = plan(experiment);
    return plan instanceof PowerModePlan.NeedsReboot || plan instanceof PowerModePlan.Refused;
  }

  /** What keeps this experiment from starting, besides what concerns all of them. */
  private Optional<String> obstacle(Experiment experiment, long freeBytes) {
    Optional<String> awaited = state.awaited(experiment.id());
    if (awaited.isPresent()) {
      return Optional.of("waits for '" + awaited.get() + "' to end");
    }
    Optional<Instant> notBefore =
        state.spec(experiment.id()).map(Spec::ordering).flatMap(Spec.Ordering::notBefore);
    if (notBefore.filter(now.wall()::isBefore).isPresent()) {
      return Optional.of("does not start before " + notBefore.get());
    }
    Optional<String> retry = retryObstacle(experiment);
    if (retry.isPresent()) {
      return retry;
    }
    String group = state.groupOf(experiment.id());
    Integer groupSlots = limits.capacity().groupSlots().get(group);
    if (groupSlots != null && state.slotsTaken(group) >= groupSlots) {
      return Optional.of(
          "waits for a slot of group '"
              + group
              + "': "
              + groupSlots
              + " of "
              + groupSlots
              + " used");
    }
    if (state.group(group).held() && !mayTry(group)) {
      return Optional.of(
          "group '"
              + group
              + "' is held: "
              + state.group(group).streak()
              + " experiments in a row failed early with "
              + state.group(group).fingerprint().orElse("one cause")
              + "; retried automatically, or run 'coord release --group "
              + group
              + "'");
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
              + " available");
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
    Optional<String> place = state.placeOf(experiment);
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
        .filter(other -> state.placeOf(other).equals(place))
        .findFirst()
        .map(other -> "waits: " + shared.why() + "; being retried with '" + other.id() + "'");
  }

  private String remaining(Retry retry) {
    return Durations.brief(retry.from().minus(now.uptime()));
  }

  /** Whether a held group may send its canary. */
  private boolean mayTry(String group) {
    Duration from = state.runtime().canaries().get(group);
    return from != null && from.compareTo(now.uptime()) <= 0 && state.slotsTaken(group) == 0;
  }

  private long freeRamBytes() {
    long reserved = state.active().stream().mapToLong(e -> e.submission().ramBytes()).sum();
    return Math.max(0, limits.capacity().ramBytes() - reserved);
  }
}
