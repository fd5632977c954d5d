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
    if (!before.modes().equals(now.modes())) {
      now = now.withoutFailures();
    }
    Optional<CurrentMode> last = before.known().last();
    if (last.isEmpty() && now.now().isPresent() && now.before().isPresent()) {
      takeOver(now);
    } else if (last.isPresent() && now.now().isPresent() && !last.equals(now.now())) {
      now = changed(now, before.now().isEmpty());
    }
    context.set(now);
  }

  /**
   * The board is in another mode than the one that was known last.
   *
   * @param unread whether the mode could not be read since
   */
  private PowerState changed(PowerState now, boolean unread) {
    CurrentMode mode = now.now().orElseThrow();
    if (now.asked().isPresent()) {
      return now;
    }
    if (unread && now.hasFailed(mode)) {
      context.record("power mode " + mode, "set by the switch that was reported as failed");
      return now.withoutFailure(mode);
    }
    context.record("power mode " + mode, "changed by another program; coord keeps this mode");
    context.set(withoutModeSteps(context.thermal().cooling()));
    return forgetBefore(now.withoutFailures());
  }

  /**
   * A lower mode that the previous coordinator has set is a step of cooling, unless an experiment
   * asked for it. While nothing runs, there is nothing to cool.
   */
  private void takeOver(PowerState now) {
    if (context.state().active().isEmpty()
        || now.known().requestedAtStart().contains(now.now().orElseThrow())
        || context.modesRequestedByActive().contains(now.now().orElseThrow())) {
      return;
    }
    List<PowerMode> lower = now.lower(context.uptime());
    for (int i = 0; i < lower.size(); i++) {
      if (now.now().equals(Optional.of(lower.get(i).asCurrent()))) {
        Cooling cooling = context.thermal().cooling();
        context.set(
            Cooling.takenOver(i + 1, cooling.share(), cooling.gpuShare(), cooling.frozen()));
        context.record("taken over: power mode " + now.now().get(), "set by the previous daemon");
      }
    }
  }

  private static Cooling withoutModeSteps(Cooling cooling) {
    return cooling.modeSteps() == 0
        ? cooling
        : Cooling.takenOver(0, cooling.share(), cooling.gpuShare(), cooling.frozen());
  }

  /** A switch has ended. */
  void switched(Event.PowerSwitched event) {
    PowerState power = context.thermal().power().withAsked(Optional.empty());
    SwitchOutcome outcome = event.outcome();
    if (outcome instanceof SwitchOutcome.Switched switched) {
      power = power.seen(power.board().with(switched.now())).withoutFailure(switched.now());
      context.record("power mode " + switched.now(), reason(event.why(), switched.warnings()));
    } else {
      power =
          power.withFailure(
              event.wanted(),
              context.uptime(),
              !(outcome instanceof SwitchOutcome.NeedsReboot),
              outcome.sentence());
      if (outcome instanceof SwitchOutcome.Unverified unverified) {
        // Whatever mode the board is in now: this switch has put it there.
        power = power.seen(power.board().with(unverified.now(), outcome.sentence()));
      }
      context.record("power mode not set", outcome.sentence());
    }
    context.set(power);
  }

  private static String reason(String why, List<String> warnings) {
    return warnings.isEmpty() ? why : why + "; " + String.join("; ", warnings);
  }

  /** What the previous coordinator left is compared with what runs: remembers what was asked. */
  void compared() {
    PowerState power = context.thermal().power();
    if (power.known().last().isEmpty()) {
      context.set(power.withRequestedAtStart(context.modesRequestedByActive()));
    }
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
    if (power.modes().isEmpty()
        || power.now().isEmpty()
        || power.switching(context.uptime())
        || !context.builder().runtime().manager().up()) {
      // Without the service manager it is not known what runs, and nothing can be switched.
      return;
    }
    CurrentMode now = power.now().get();
    Optional<CurrentMode> requested =
        context
            .modeRequestedByActive()
            .or(this::modeRequestedByCandidate)
            .filter(mode -> mode.equals(now) || reachable(power, now, mode).isPresent());
    List<PowerMode> lower = power.lower(context.uptime());
    int steps = Math.min(context.thermal().cooling().modeSteps(), lower.size());
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
                context.uptime().minus(candidate.uptime()).compareTo(CANDIDATE_PATIENCE) < 0
                    || isRetried(candidate))
        .flatMap(candidate -> context.state().find(candidate.id()))
        .filter(experiment -> experiment.state() == ExperimentState.QUEUED)
        .flatMap(experiment -> context.state().requestedPowerMode(experiment.id()));
  }

  /** Its start has failed and is tried again soon: the mode is not switched there and back. */
  private boolean isRetried(PowerState.Candidate candidate) {
    return context.builder().runtime().dispatch().retries().containsKey(candidate.id());
  }
}
