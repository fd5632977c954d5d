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

  /** Whether only a reboot, or nothing, brings the mode that an experiment requests. */
  boolean needsReboot(Experiment experiment) {
    PowerModePlan plan = plan(experiment.submission().requestedPowerMode());
    return plan instanceof PowerModePlan.NeedsReboot || plan instanceof PowerModePlan.Refused;
  }

  private PowerModePlan plan(Optional<StoredPowerMode> stored) {
    Optional<CurrentMode> requested = stored.map(RestoredState::mode);
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
        ? Optional.of(Admission.CAN_NEVER_START + refused.reason())
        : Optional.empty();
  }
}
