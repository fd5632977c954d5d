package io.coord.scheduler.core.admission;

import io.coord.persistence.Experiment;
import io.coord.persistence.StoredPowerMode;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerModePlan;
import java.util.List;
import java.util.Optional;

/** Whether the power mode lets experiments start. Valid until the state changes. */
final class PowerModeConditions {
  private final State state;
  private final Timestamps now;

  PowerModeConditions(State state, Timestamps now) {
    this.state = state;
    this.now = now;
  }

  private PowerState power() {
    return state.runtime().thermalState().power();
  }

  /** Whether an experiment that requests this mode could start after a switch that is possible. */
  boolean mayBeSwitchedFor(Optional<StoredPowerMode> requested) {
    return requested.isPresent()
        && plan(requested) instanceof PowerModePlan.SwitchFirst first
        && power().whyNot(first.to().asCurrent(), now.uptime()).isEmpty();
  }

  /** Whether only a person brings the mode that an experiment requests, or nothing does. */
  boolean needsPerson(Experiment experiment) {
    PowerModePlan plan = plan(experiment.submission().requestedPowerMode());
    return plan instanceof PowerModePlan.NeedsReboot
        || plan instanceof PowerModePlan.Refused
        || (plan instanceof PowerModePlan.SwitchFirst first
            && power()
                .whyNot(first.to().asCurrent(), now.uptime())
                .filter(PowerState.Failed::isGivenUp)
                .isPresent());
  }

  private PowerModePlan plan(Optional<StoredPowerMode> stored) {
    Optional<CurrentMode> requested = stored.map(RestoredState::mode);
    if (requested.isPresent() && power().modes().isPresent()) {
      if (power().switching(now.uptime())) {
        return duringSwitch(requested.get(), power().asked().orElseThrow().mode());
      }
      if (power().now().isEmpty()) {
        return new PowerModePlan.Waits(
            "power mode " + requested.get() + " requested; " + power().problem());
      }
    }
    List<PowerModePlan.RunningExperiment> running =
        state.active().stream()
            .map(
                other ->
                    new PowerModePlan.RunningExperiment(
                        other.id(), state.requestedPowerMode(other.id())))
            .toList();
    return power()
        .modes()
        .map(modes -> PowerModePlan.of(modes, power().now(), running, requested))
        .orElseGet(
            () ->
                new PowerModePlan.Waits(
                    "requests power mode "
                        + requested.orElseThrow()
                        + ", but "
                        + power().problem()));
  }

  /** While the board is between two modes, no mode is there to start in. */
  private static PowerModePlan duringSwitch(CurrentMode requested, CurrentMode to) {
    return new PowerModePlan.Waits(
        requested.equals(to)
            ? "waits for power mode " + to
            : "power mode "
                + requested
                + " requested; the board is being switched to power mode "
                + to);
  }

  /** Why the power mode prevents a start. */
  Optional<String> obstacle(Experiment experiment) {
    return obstacle(experiment.submission().requestedPowerMode());
  }

  /** Why the power mode prevents a start of what requests this one. */
  Optional<String> obstacle(Optional<StoredPowerMode> requested) {
    if (requested.isEmpty()) {
      return Optional.empty();
    }
    PowerModePlan plan = plan(requested);
    if (plan instanceof PowerModePlan.SwitchFirst first) {
      CurrentMode mode = first.to().asCurrent();
      return Optional.of(
          power()
              .whyNot(mode, now.uptime())
              .map(failed -> notAvailable(first, failed))
              .orElse("waits for power mode " + mode));
    }
    if (plan instanceof PowerModePlan.Waits waits) {
      return Optional.of(waits.reason());
    }
    if (plan instanceof PowerModePlan.NeedsReboot reboot) {
      return Optional.of(reboot.reason());
    }
    return plan instanceof PowerModePlan.Refused refused
        ? Optional.of(Admission.CAN_NEVER_START + refused.reason())
        : Optional.empty();
  }

  private static String notAvailable(PowerModePlan.SwitchFirst first, PowerState.Failed failed) {
    return "power mode "
        + failed.mode()
        + " is not available: "
        + failed.why()
        + (failed.isGivenUp()
            ? "; not tried again until the mode is set with 'sudo nvpmodel -m "
                + first.to().id()
                + "' or coord is restarted"
            : "; retried later");
  }
}
