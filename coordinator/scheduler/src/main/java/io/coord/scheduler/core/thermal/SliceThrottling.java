package io.coord.scheduler.core.thermal;

import io.coord.persistence.Change;
import io.coord.persistence.CpuLimit;
import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.core.state.ThrottleState;
import io.coord.thermal.Cooling;
import io.coord.thermal.HeatState;
import java.util.Optional;
import java.util.OptionalInt;

/** Limits the CPU time of all experiments together, and freezes them. */
final class SliceThrottling {
  private final ThermalContext context;

  SliceThrottling(ThermalContext context) {
    this.context = context;
  }

  /**
   * Asks for what is not in force; at each reading, as a call may have failed.
   *
   * @param thaw whether they were frozen: a slice that is not frozen any more may still contain a
   *     frozen unit
   */
  void apply(boolean thaw) {
    ThrottleState now = context.thermal().throttle();
    SliceThrottle wanted = wanted();
    if (now.inForce().isEmpty()) {
      return;
    }
    boolean limits = !wanted.percentOfOneCore().equals(now.ownPercent());
    if (limits && now.replaced().isEmpty()) {
      storeReplaced(Optional.of(new CpuLimit(now.ownPercent())));
    }
    boolean restored = !limits && now.replaced().isPresent();
    // INVARIANT: as long as an earlier limit may still come into force, the next coordinator must
    // know that it is not the administrator's. A setting is carried out after all before it.
    if (thaw || !now.inForce().get().equals(wanted) || (restored && now.isPending())) {
      context.set(context.thermal().throttle().withAnotherAsked());
      context
          .builder()
          .effect(new Effect.SetThrottle(wanted, context.thermal().throttle().asked()));
    } else if (restored) {
      storeReplaced(Optional.empty());
    }
  }

  private void storeReplaced(Optional<CpuLimit> limit) {
    context.builder().change(new Change.ThrottledFromSet(limit));
    context.set(context.thermal().throttle().withReplaced(limit));
  }

  private SliceThrottle wanted() {
    ThermalState now = context.thermal();
    Cooling cooling = now.cooling();
    // What is being stopped gets all the processor time that its end needs.
    boolean stopping = now.heat().state() == HeatState.CRITICAL;
    OptionalInt percent =
        cooling.percent() == 100 || stopping
            ? now.throttle().ownPercent()
            : OptionalInt.of(Math.max(minQuota(), (int) Math.round(cooling.share() * capacity())));
    // A frozen experiment cannot end.
    return new SliceThrottle(percent, cooling.frozen() && !stopping);
  }

  /** The CPU time that the active experiments could use together, in percent of one core. */
  private int capacity() {
    ThermalState now = context.thermal();
    int cores = 100 * now.power().onlineCores();
    int max = Math.min(cores, now.throttle().ownPercent().orElse(cores));
    int quotas = context.state().active().stream().mapToInt(this::quotaOf).sum();
    return quotas == 0 ? max : Math.min(max, quotas);
  }

  private int quotaOf(Experiment experiment) {
    return context
        .spec(experiment)
        .map(spec -> spec.resources().cpuQuotaPercent())
        .orElse(OptionalInt.empty())
        .orElse(context.limits().defaults().cpuPercent());
  }

  /**
   * The smallest quota that the slice accepts. With cgroup v1, where nothing can be frozen either,
   * the kernel refuses to give a slice less than one of its members has, and systemd does not
   * report it.
   */
  private int minQuota() {
    return context.thermal().throttle().canFreeze()
        ? 1
        : context.state().active().stream().mapToInt(this::quotaOf).max().orElse(1);
  }

  /** The service manager reports what is in force. */
  void seen(SliceThrottle inForce, boolean freezes, long carriedOut) {
    ThrottleState before = context.thermal().throttle();
    context.set(before.seen(inForce, freezes, carriedOut, context.uptime()));
    if (before.inForce().isEmpty()) {
      takeOver(inForce, before.replaced());
    }
  }

  /**
   * Continues the cooling of the previous coordinator.
   *
   * @param replaced the limit that the previous coordinator has replaced; empty if what is in force
   *     is the administrator's
   */
  private void takeOver(SliceThrottle inForce, Optional<CpuLimit> replaced) {
    OptionalInt own =
        replaced.isPresent() ? replaced.get().percentOfOneCore() : inForce.percentOfOneCore();
    context.set(context.thermal().throttle().withOwnPercent(own));
    boolean limited = replaced.isPresent() && !inForce.percentOfOneCore().equals(own);
    if (!limited && !inForce.frozen()) {
      return;
    }
    double share =
        limited ? (double) inForce.percentOfOneCore().orElse(capacity()) / capacity() : 1;
    Cooling cooling =
        Cooling.takenOver(
            context.thermal().cooling().modeSteps(),
            Math.min(1, Math.max(Cooling.MIN_SHARE, share)),
            context.thermal().cooling().gpuShare(),
            inForce.frozen());
    context.set(cooling);
    context.record(
        "taken over: CPU limit " + cooling.percent() + " %" + (inForce.frozen() ? ", frozen" : ""),
        cooling.reason());
  }
}
