package io.coord.scheduler.core.thermal;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.thermal.Cooling;
import io.coord.thermal.CoolingController;
import io.coord.thermal.CoolingMeans;
import io.coord.thermal.Governor;
import io.coord.thermal.Heat;
import io.coord.thermal.HeatState;
import io.coord.thermal.Sampling;
import io.coord.thermal.Thresholds;
import io.coord.thermal.Trend;
import io.coord.thermal.ZoneSelection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What follows from heat and from the power mode. Cooling is applied in order of harm, and removed
 * in the opposite order.
 */
public final class ThermalController {
  private final ThermalContext context;
  private final SliceThrottling throttling;
  private final GpuCapping gpu;
  private final PowerModeSwitching powerMode;
  private final HeatStops stops;

  public ThermalController(DecisionBuilder builder, Limits limits) {
    this.context = new ThermalContext(builder, limits);
    this.throttling = new SliceThrottling(context);
    this.gpu = new GpuCapping(context);
    this.powerMode = new PowerModeSwitching(context);
    this.stops = new HeatStops(context);
  }

  /** The zones were read. */
  public void zonesRead(ZoneSelection.Summary summary) {
    ThermalState before = context.thermal();
    Thresholds thresholds = context.limits().heat().thresholds();
    Heat heat =
        new Governor(thresholds)
            .next(before.heat(), summary, context.builder().now(), context.uptime());
    Trend trend =
        heat.hottest()
            .map(zone -> before.trend().with(context.uptime(), zone.temperature().orElseThrow()))
            .orElse(before.trend());
    Cooling cooling =
        new CoolingController(thresholds)
            .next(before.cooling(), heat, trend, means(before), context.uptime());
    Optional<Duration> criticalSince =
        heat.state() == HeatState.CRITICAL
            ? before.criticalSince().or(() -> Optional.of(context.uptime()))
            : Optional.empty();
    context.set(before.after(heat, trend, cooling, criticalSince));
    if (heat.state() != before.heat().state()) {
      context.set(context.thermal().withSteadySince(context.uptime()));
    }
    report(before);
    throttling.apply(before.cooling().frozen() && !cooling.frozen());
    gpu.apply();
    if (criticalSince.isPresent()) {
      stops.stopAll(criticalSince.get());
    } else {
      stops.stopThoseAboveTheirLimit();
      stops.requeueThoseCoolAgain();
    }
    context
        .builder()
        .effect(
            new Effect.ReadZonesIn(
                Sampling.next(context.limits().heat().readingInterval(), thresholds, heat, trend)));
  }

  private CoolingMeans means(ThermalState before) {
    // A power mode that an experiment asked for is kept; heat is then met by the other means.
    List<Double> lower =
        context.modeRequestedByActive().isPresent()
            ? List.of()
            : before.power().speeds(context.uptime());
    if (context.state().active().isEmpty()) {
      // What does not come from experiments is not cooled by a lower mode, which would stay.
      lower = lower.subList(0, Math.min(before.cooling().modeSteps(), lower.size()));
    }
    // To systemd, a service that is frozen for longer than its watchdog has hung.
    boolean freezes =
        before.throttle().canFreeze()
            && context.state().active().stream().noneMatch(this::hasWatchdog);
    return new CoolingMeans(
        lower, before.throttle().gpu().means(), before.throttle().inForce().isPresent(), freezes);
  }

  private boolean hasWatchdog(Experiment experiment) {
    return context.spec(experiment).flatMap(spec -> spec.times().watchdog()).isPresent();
  }

  private void report(ThermalState before) {
    ThermalState now = context.thermal();
    String why = now.cooling().reason();
    if (now.heat().state() != before.heat().state()) {
      context.record("heat is " + now.heat().state(), now.heat().reason());
    }
    if (now.cooling().frozen() != before.cooling().frozen()) {
      context.record(now.cooling().frozen() ? "frozen" : "thawed", why);
    }
    // The share moves with each reading; reported are its begin, each quarter, and its end.
    if (quarter(now.cooling().share()) != quarter(before.cooling().share())) {
      context.record("CPU limit " + now.cooling().percent() + " %", why);
    }
    if (quarter(now.cooling().gpuShare()) != quarter(before.cooling().gpuShare())) {
      context.record("GPU clock " + now.cooling().gpuPercent() + " %", why);
    }
  }

  private static int quarter(double share) {
    return (int) Math.ceil(share * 4 - 1e-9) + (share >= 1 ? 1 : 0);
  }

  /** The service manager reports what holds back the slice: at a resync, and after a change. */
  public void throttleSeen(Event.ThrottleSeen event) {
    throttling.seen(event.inForce(), event.freezes(), event.carriedOut());
  }

  /** The cap of the GPU's clock was read. */
  public void gpuSeen(Event.GpuSeen event) {
    gpu.seen(event);
  }

  /** The power mode was read. */
  public void powerSeen(Event.PowerSeen event) {
    powerMode.seen(event);
  }

  /** A switch of the power mode has ended. */
  public void powerSwitched(Event.PowerSwitched event) {
    powerMode.switched(event);
  }

  /** The experiments were compared with what the service manager runs. */
  public void compared() {
    powerMode.compared();
  }

  /** Has the board switched to the mode that it should be in, unless an experiment may start. */
  public void reconsiderPowerMode() {
    powerMode.apply();
  }

  /** Switches the mode for an experiment that could start if it were not for the mode. */
  public void switchFor(Experiment candidate) {
    powerMode.switchFor(candidate);
  }
}
