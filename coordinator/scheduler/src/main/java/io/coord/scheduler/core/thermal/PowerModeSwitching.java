package io.coord.scheduler.core.thermal;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.thermal.Cooling;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.SwitchOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Switches the power mode, for cooling and for experiments that ask for a mode. */
final class PowerModeSwitching {

  /** How long the mode is kept for an experiment in the queue that does not start. */
  private static final Duration CANDIDATE_PATIENCE = Duration.ofMinutes(5);

  private final ThermalContext context;

  PowerModeSwitching(ThermalContext context) {
    this.context = context;
  }

  /** The mode was read. */
  void seen(Event.PowerSeen event) {
    PowerState before = context.thermal().power();
    PowerState now = before.seen(event.reading());
    boolean byOthers =
        before.now().isPresent()
            && now.now().isPresent()
            && !before.now().equals(now.now())
            && before.asked().isEmpty();
    if (byOthers) {
      context.record(
          "power mode " + now.now().get(), "changed by another program; coord keeps this mode");
      now = forgetBefore(now);
      context.set(withoutModeSteps(context.thermal().cooling()));
    } else if (before.now().isEmpty() && now.before().isPresent()) {
      takeOver(now);
    }
    context.set(now);
    apply();
  }

  /** A lower mode that the previous coordinator has set is a step of cooling. */
  private void takeOver(PowerState now) {
    List<PowerMode> lower = now.lower(context.uptime());
    for (int i = 0; i < lower.size(); i++) {
      if (now.now().equals(Optional.of(lower.get(i).asCurrent()))) {
        Cooling cooling = context.thermal().cooling();
        context.set(Cooling.takenOver(i + 1, cooling.share(), cooling.frozen()));
        context.record("taken over: power mode " + now.now().get(), "set by the previous daemon");
      }
    }
  }

  private static Cooling withoutModeSteps(Cooling cooling) {
    return cooling.modeSteps() == 0
        ? cooling
        : Cooling.takenOver(0, cooling.share(), cooling.frozen());
  }

  /** A switch has ended. */
  void switched(Event.PowerSwitched event) {
    PowerState power = context.thermal().power().withAsked(Optional.empty());
    if (event.outcome() instanceof SwitchOutcome.Switched switched) {
      power = power.seen(power.board().with(switched.now())).withFailed(Optional.empty());
      context.record("power mode " + switched.now(), event.why());
    } else {
      power =
          power.withFailed(
              Optional.of(
                  new PowerState.Failed(
                      event.wanted(), context.uptime(), event.outcome().sentence())));
      context.record("power mode unchanged", event.outcome().sentence());
    }
    context.set(power);
    apply();
  }

  /** Switches the mode for an experiment that could start if it were not for the mode. */
  void switchFor(Experiment candidate) {
    context.set(
        context
            .thermal()
            .power()
            .withCandidate(
                Optional.of(new PowerState.Candidate(candidate.id(), context.uptime()))));
    apply();
  }

  /** Asks for the mode that the board should be in, if it is in another. */
  void apply() {
    PowerState power = context.thermal().power();
    if (power.modes().isEmpty() || power.now().isEmpty() || power.switching(context.uptime())) {
      return;
    }
    Optional<CurrentMode> requested =
        context.modeRequestedByActive().or(this::modeRequestedByCandidate);
    List<PowerMode> lower = power.lower(context.uptime());
    int steps = Math.min(context.thermal().cooling().modeSteps(), lower.size());
    CurrentMode now = power.now().get();
    CurrentMode target =
        requested.orElseGet(
            () -> steps > 0 ? lower.get(steps - 1).asCurrent() : power.before().orElse(now));
    if (target.equals(now)) {
      if (power.before().equals(Optional.of(now))) {
        context.set(forgetBefore(power));
      }
      return;
    }
    Optional<PowerMode> to = reachable(power, now, target);
    if (to.isEmpty()) {
      return;
    }
    PowerState asking =
        power.withAsked(Optional.of(new PowerState.Asked(target, context.uptime())));
    if (power.before().isEmpty()) {
      context
          .builder()
          .change(new Change.PowerModeBeforeSet(Optional.of(RestoredState.stored(now))));
      asking = asking.withBefore(Optional.of(now));
    }
    context.set(asking);
    context.builder().effect(new Effect.SwitchPowerMode(to.get(), why(requested, steps)));
  }

  /** The target if the board can switch to it live and it has not just failed. */
  private Optional<PowerMode> reachable(PowerState power, CurrentMode now, CurrentMode target) {
    Optional<PowerMode> from = power.find(now);
    return power
        .find(target)
        .filter(to -> from.isPresent() && power.modes().orElseThrow().liveFrom(from.get(), to))
        .filter(to -> power.whyNot(target, context.uptime()).isEmpty());
  }

  private String why(Optional<CurrentMode> requested, int steps) {
    if (requested.isPresent()) {
      return "requested by an experiment";
    }
    return steps > 0 ? context.thermal().cooling().reason() : "no other power mode is needed";
  }

  private PowerState forgetBefore(PowerState power) {
    if (power.before().isPresent()) {
      context.builder().change(new Change.PowerModeBeforeSet(Optional.empty()));
    }
    return power.withBefore(Optional.empty());
  }

  private Optional<CurrentMode> modeRequestedByCandidate() {
    return context
        .thermal()
        .power()
        .candidate()
        .filter(
            candidate ->
                context.uptime().minus(candidate.uptime()).compareTo(CANDIDATE_PATIENCE) < 0)
        .flatMap(candidate -> context.state().find(candidate.id()))
        .filter(experiment -> experiment.state() == ExperimentState.QUEUED)
        .flatMap(experiment -> context.state().requestedPowerMode(experiment.id()));
  }
}
