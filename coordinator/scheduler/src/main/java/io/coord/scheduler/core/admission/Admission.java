package io.coord.scheduler.core.admission;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.runner.ByteSize;
import io.coord.runner.Spec;
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

/**
 * Which experiment may start now, and why the others wait.
 *
 * <p>The first in order that fits goes; one that does not fit does not keep smaller ones behind it
 * from starting.
 */
public final class Admission {
  private final State state;
  private final Limits limits;
  private final Timestamps now;

  /** Looks at this state; good until the state changes. */
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
    List<PowerModePlan.Occupant> running =
        state.active().stream()
            .map(
                other ->
                    new PowerModePlan.Occupant(other.id(), state.requestedPowerMode(other.id())))
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
                    "it wants power mode "
                        + state.requestedPowerMode(experiment.id()).orElseThrow()
                        + ", and "
                        + power.problem()));
  }

  /** What the power mode has against a start. */
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
              .map(why -> "cannot have power mode " + mode + ": " + why + "; tried again later")
              .orElse("waits for the board to be in power mode " + mode));
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
   * Whether it is cool enough for an experiment with a limit of its own: the hysteresis below it,
   * as far as that can be seen.
   */
  public static boolean coolEnough(Heat heat, Thresholds thresholds, int mostMilliCelsius) {
    return heat.hottest()
        .flatMap(ZoneReading::temperature)
        .filter(t -> t.value() < mostMilliCelsius - thresholds.hysteresis().value())
        .isPresent();
  }

  private Optional<String> heatObstacle(Experiment experiment) {
    OptionalInt most =
        state
            .spec(experiment.id())
            .map(spec -> spec.conditions().maxMilliCelsius())
            .orElse(OptionalInt.empty());
    Heat heat = state.runtime().heat();
    if (most.isEmpty() || coolEnough(heat, limits.thresholds(), most.getAsInt())) {
      return Optional.empty();
    }
    return Optional.of(
        "waits until it is below %s, %s under its own limit: %s"
            .formatted(
                new MilliCelsius(most.getAsInt() - limits.thresholds().hysteresis().value())
                    .exact(),
                limits.thresholds().hysteresis().exact(),
                heat.reason()));
  }

  /** Why nothing may start at all; empty if something may. */
  public Optional<String> closed() {
    RuntimeState around = state.runtime();
    if (!around.managerUp()) {
      return Optional.of(around.managerProblem());
    }
    if (around.targetStopping()) {
      return Optional.of(
          ExperimentUnits.TARGET
              + " was stopped; 'systemctl start "
              + ExperimentUnits.TARGET
              + "' lets all go on");
    }
    if (!around.heat().admits()) {
      return Optional.of(around.heat().reason());
    }
    if (around.dispatchPaused()) {
      return Optional.of("a start failed; the next is tried at the next health check");
    }
    if (state.draining()) {
      return Optional.of("the queue is draining: nothing is started until 'coord resume'");
    }
    int taken = state.active().size() + around.unmanaged().size();
    if (taken >= limits.slots()) {
      return Optional.of(
          "waits for a slot: "
              + taken
              + " of "
              + limits.slots()
              + " are taken by "
              + state.active().stream().map(Experiment::id).limit(4).toList()
              + (taken > 4 ? " and others" : ""));
    }
    return Optional.empty();
  }

  /** Why this experiment is where it is, in words that hold at this moment. */
  public String why(Experiment experiment) {
    if (experiment.state() == ExperimentState.COOLING) {
      return heatObstacle(experiment)
          .orElseGet(() -> "waits until it is cool: " + state.runtime().heat().reason());
    }
    if (experiment.state() != ExperimentState.QUEUED) {
      return experiment.status().reason();
    }
    // What holds for this one alone says more than what holds for all.
    return obstacle(experiment, Long.MAX_VALUE)
        .or(this::closed)
        .or(() -> obstacle(experiment, freeRamBytes()))
        .or(() -> modeObstacle(experiment))
        .orElse("is next to start");
  }

  /** What keeps this experiment from starting, besides what keeps all of them. */
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
    String group = state.groupOf(experiment.id());
    Integer groupSlots = limits.groupSlots().get(group);
    if (groupSlots != null && state.slotsTaken(group) >= groupSlots) {
      return Optional.of(
          "waits for a slot of group '"
              + group
              + "': "
              + groupSlots
              + " of "
              + groupSlots
              + " are taken");
    }
    if (state.group(group).held() && !mayTry(group)) {
      return Optional.of(
          "group '"
              + group
              + "' is held: "
              + state.group(group).streak()
              + " experiments in a row failed early with "
              + state.group(group).fingerprint().orElse("one cause")
              + "; one tries when it is time, or at 'coord release --group "
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
              + ByteSize.format(limits.totalRamBytes())
              + " available");
    }
    return Optional.empty();
  }

  /** Whether a held group may send its canary. */
  private boolean mayTry(String group) {
    Duration from = state.runtime().canaries().get(group);
    return from != null && from.compareTo(now.uptime()) <= 0 && state.slotsTaken(group) == 0;
  }

  private long freeRamBytes() {
    long reserved = state.active().stream().mapToLong(e -> e.submission().ramBytes()).sum();
    return Math.max(0, limits.totalRamBytes() - reserved);
  }
}
