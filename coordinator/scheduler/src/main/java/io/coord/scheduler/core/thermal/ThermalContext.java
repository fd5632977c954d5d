package io.coord.scheduler.core.thermal;

import io.coord.persistence.Experiment;
import io.coord.runner.Spec;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.core.state.ThrottleState;
import io.coord.thermal.Cooling;
import io.coord.thermal.CurrentMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The decision being built and its thermal state, for the parts of the {@link ThermalController}.
 */
record ThermalContext(DecisionBuilder builder, Limits limits) {

  State state() {
    return builder.state();
  }

  Duration uptime() {
    return builder.uptime();
  }

  ThermalState thermal() {
    return builder.runtime().thermalState();
  }

  void set(ThermalState now) {
    builder.runtime(builder.runtime().withThermalState(now));
  }

  void set(Cooling cooling) {
    set(thermal().withCooling(cooling));
  }

  void set(ThrottleState throttle) {
    set(thermal().withThrottle(throttle));
  }

  void set(PowerState power) {
    set(thermal().withPower(power));
  }

  /** Logs and stores what is done about heat or power. */
  void record(String what, String why) {
    builder.effect(new Effect.RecordThermalAction(new ThermalAction(builder.now(), what, why)));
  }

  Optional<Spec> spec(Experiment experiment) {
    return state().spec(experiment.id());
  }

  /**
   * The power mode that active experiments asked for; empty if none did. If they asked for several,
   * it is the present one if that is among them.
   */
  Optional<CurrentMode> modeRequestedByActive() {
    List<CurrentMode> modes = modesRequestedByActive();
    return thermal().power().now().filter(modes::contains).or(() -> modes.stream().findFirst());
  }

  /** The power modes that active experiments asked for. */
  List<CurrentMode> modesRequestedByActive() {
    return state().active().stream()
        .flatMap(experiment -> state().requestedPowerMode(experiment.id()).stream())
        .distinct()
        .toList();
  }
}
