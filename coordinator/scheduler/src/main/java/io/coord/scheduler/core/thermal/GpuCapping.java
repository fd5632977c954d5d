package io.coord.scheduler.core.thermal;

import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.GpuCap;
import io.coord.thermal.Cooling;
import java.time.Duration;

/** Caps the clock of the GPU. */
final class GpuCapping {
  /** In percent. Clocks come in steps, and each change is the start of a unit. */
  private static final int STEP = 5;

  /** A smaller change waits for as long after the one before. */
  private static final int LARGE_CHANGE = 15;

  private static final Duration BETWEEN = Duration.ofSeconds(3);

  private final ThermalContext context;

  GpuCapping(ThermalContext context) {
    this.context = context;
  }

  /** Asks for the cap that is not in force; at each reading, as a request may have failed. */
  void apply() {
    GpuCap now = context.thermal().throttle().gpu();
    if (now.inForce().isEmpty() || now.isPending() || now.isIneffective()) {
      return;
    }
    int inForce = now.inForce().getAsInt();
    int wanted = wanted(context.thermal().cooling());
    boolean large = inForce - wanted >= LARGE_CHANGE;
    boolean soon = now.asked() > 0 && context.uptime().minus(now.askedAt()).compareTo(BETWEEN) < 0;
    if (now.isInForce(wanted) || (soon && !large)) {
      return;
    }
    GpuCap asked = now.withAsked(wanted, context.uptime());
    set(asked);
    context.builder().effect(new Effect.CapGpu(wanted, asked.asked()));
  }

  /** Rounded down, so that it cools as much as it should. */
  private static int wanted(Cooling cooling) {
    return cooling.gpuShare() >= 1 ? 100 : cooling.gpuPercent() / STEP * STEP;
  }

  private void set(GpuCap now) {
    context.set(context.thermal().throttle().withGpu(now));
  }

  /** It was read. A cap that a previous coordinator has left is continued. */
  void seen(Event.GpuSeen event) {
    GpuCap before = context.thermal().throttle().gpu();
    set(before.seen(event.percent(), event.busy(), event.carriedOut()));
    int percent = event.percent().orElse(100);
    if (before.inForce().isPresent() || before.asked() > 0 || percent >= 100) {
      return;
    }
    Cooling cooling = context.thermal().cooling();
    Cooling continued =
        Cooling.takenOver(
            cooling.modeSteps(),
            cooling.share(),
            Math.max(Cooling.MIN_GPU_SHARE, percent / 100.0),
            cooling.frozen());
    context.set(continued);
    context.record(
        "taken over: GPU clock capped at " + continued.gpuPercent() + " %", continued.reason());
  }
}
