package io.coord.scheduler.core.thermal;

import io.coord.persistence.Change;
import io.coord.persistence.CpuLimit;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.scheduler.core.admission.Admission;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.ThermalAction;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.thermal.Cooling;
import io.coord.thermal.CoolingController;
import io.coord.thermal.CoolingMeans;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.Governor;
import io.coord.thermal.Heat;
import io.coord.thermal.HeatState;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.PowerMode;
import io.coord.thermal.Sampling;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.Trend;
import io.coord.thermal.ZoneReading;
import io.coord.thermal.ZoneSelection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What follows from heat, and from what becomes of the power mode: in order of harm, and back in
 * the opposite order.
 */
public final class ThermalController {

  /** So long before its bound is over, an emergency stop no longer asks. */
  private static final Duration KILLED_BEFORE_BOUND = Duration.ofSeconds(2);

  private final DecisionBuilder builder;
  private final Limits limits;

  public ThermalController(DecisionBuilder builder, Limits limits) {
    this.builder = builder;
    this.limits = limits;
  }

  // --- a reading of the zones

  public void read(ZoneSelection.Summary summary) {
    ThermalState before = thermalState();
    Heat heat =
        new Governor(limits.thresholds()).next(before.heat(), summary, builder.now, builder.uptime);
    Trend trend =
        heat.hottest()
            .map(zone -> before.trend().with(builder.uptime, zone.temperature().orElseThrow()))
            .orElse(before.trend());
    Cooling cooling =
        new CoolingController(limits.thresholds())
            .next(before.cooling(), heat, trend, means(before), builder.uptime);
    Optional<Duration> critical =
        heat.state() == HeatState.CRITICAL
            ? before.criticalSince().or(() -> Optional.of(builder.uptime))
            : Optional.empty();
    set(before.after(heat, trend, cooling, critical));
    report(before);
    throttle(before.cooling().frozen() && !cooling.frozen());
    setPowerMode();
    if (critical.isPresent()) {
      stopAll(critical.get());
    } else {
      stopThoseTooHot();
      requeueThoseCoolAgain();
    }
    builder.effect(
        new Effect.ReadZonesIn(
            Sampling.next(limits.temperatureInterval(), limits.thresholds(), heat, trend)));
  }

  private CoolingMeans means(ThermalState before) {
    // Whoever asked for a mode is to have it: then heat is met by the other means.
    List<Double> lower =
        modeRequestedByRunning().isPresent() ? List.of() : before.power().speeds(builder.uptime);
    // To systemd, one that is frozen for longer than its watchdog has hung.
    boolean freezes =
        before.freezes()
            && builder.state.active().stream()
                .allMatch(
                    experiment ->
                        builder
                            .state
                            .spec(experiment.id())
                            .flatMap(spec -> spec.times().watchdog())
                            .isEmpty());
    return new CoolingMeans(lower, before.throttle().isPresent(), freezes);
  }

  private void report(ThermalState before) {
    ThermalState now = thermalState();
    if (now.heat().state() != before.heat().state()) {
      step("heat is " + now.heat().state(), now.heat().reason());
    }
    if (now.cooling().frozen() != before.cooling().frozen()) {
      step(now.cooling().frozen() ? "frozen" : "thawed", now.cooling().reason());
    }
    // The share moves with each reading; told is where it begins, every quarter, and where it ends.
    int quarter = quarter(now.cooling().share());
    if (quarter != quarter(before.cooling().share())) {
      step("processor " + now.cooling().percent() + " %", now.cooling().reason());
    }
  }

  private static int quarter(double share) {
    return (int) Math.ceil(share * 4 - 1e-9) + (share >= 1 ? 1 : 0);
  }

  private void step(String what, String why) {
    builder.effect(new Effect.RecordThermalAction(new ThermalAction(builder.now, what, why)));
  }

  // --- all experiments together

  /**
   * Asks for what is not in force; at each reading, as a call may have failed.
   *
   * @param thaw whether they were frozen: that a slice is not frozen any more does not mean that
   *     nothing in it is
   */
  private void throttle(boolean thaw) {
    ThermalState now = thermalState();
    SliceThrottle wanted = wanted(now);
    if (now.throttle().isEmpty()) {
      return;
    }
    boolean less = !wanted.percentOfOneCore().equals(now.own());
    if (less && now.throttledFrom().isEmpty()) {
      setThrottledFrom(Optional.of(new CpuLimit(now.own())));
    }
    if (thaw || !now.throttle().get().equals(wanted)) {
      builder.effect(new Effect.SetThrottle(wanted));
    } else if (!less && now.throttledFrom().isPresent()) {
      setThrottledFrom(Optional.empty());
    }
  }

  private void setThrottledFrom(Optional<CpuLimit> from) {
    builder.change(new Change.ThrottledFromSet(from));
    set(thermalState().withThrottledFrom(from));
  }

  private SliceThrottle wanted(ThermalState now) {
    Cooling cooling = now.cooling();
    OptionalInt percent =
        cooling.percent() == 100
            ? now.own()
            : OptionalInt.of(
                Math.max(leastQuota(now), (int) Math.round(cooling.share() * capacity())));
    // What is frozen cannot end.
    return new SliceThrottle(percent, cooling.frozen() && now.heat().state() != HeatState.CRITICAL);
  }

  /** What those who hold a slot could use together, in percent of one core. */
  private int capacity() {
    int cores = 100 * thermalState().power().onlineCores();
    int most = Math.min(cores, thermalState().own().orElse(cores));
    int quotas = builder.state.active().stream().mapToInt(this::quotaOf).sum();
    return quotas == 0 ? most : Math.min(most, quotas);
  }

  private int quotaOf(Experiment experiment) {
    return builder
        .state
        .spec(experiment.id())
        .map(spec -> spec.resources().cpuQuotaPercent())
        .orElse(OptionalInt.empty())
        .orElse(limits.defaultCpuPercent());
  }

  /**
   * The least that the slice can be given. With cgroup v1, where nothing can be frozen either, the
   * kernel refuses a slice less than one of its members has, and systemd does not tell.
   */
  private int leastQuota(ThermalState now) {
    return now.freezes()
        ? 1
        : builder.state.active().stream().mapToInt(this::quotaOf).max().orElse(1);
  }

  /** The service manager tells what is in force: at a survey, and when it was changed. */
  public void throttleSeen(SliceThrottle inForce, boolean freezes) {
    ThermalState before = thermalState();
    set(before.withThrottle(inForce, freezes));
    if (before.throttle().isPresent()) {
      return;
    }
    // Only what a coordinator has noted is its doing; all else is the administrator's.
    OptionalInt own =
        before.throttledFrom().isPresent()
            ? before.throttledFrom().get().percentOfOneCore()
            : inForce.percentOfOneCore();
    set(thermalState().withOwn(own));
    boolean left = before.throttledFrom().isPresent() && !inForce.percentOfOneCore().equals(own);
    if (left || inForce.frozen()) {
      double share = left ? (double) inForce.percentOfOneCore().orElse(capacity()) / capacity() : 1;
      Cooling cooling =
          Cooling.takenOver(
              before.cooling().modeSteps(),
              Math.min(1, Math.max(Cooling.MIN_SHARE, share)),
              inForce.frozen());
      set(thermalState().withCooling(cooling));
      step(
          "taken over: "
              + cooling.percent()
              + " % of the processor"
              + (inForce.frozen() ? ", frozen" : ""),
          cooling.reason());
    }
  }

  private void stopAll(Duration since) {
    Duration bound = limits.emergencyStop().minus(KILLED_BEFORE_BOUND);
    boolean kill = builder.uptime.minus(since).compareTo(bound) >= 0;
    // At each reading, not only at the first: a stop that failed is asked for again.
    for (Experiment experiment : builder.state.active()) {
      if (experiment.phase() instanceof Phase.Stopping) {
        builder.effect(new Effect.Stop(experiment.id()));
      } else {
        builder.stop(experiment, ExperimentState.COOLING, thermalState().heat().reason());
      }
      if (kill) {
        builder.effect(new Effect.KillAll(experiment.id()));
      }
    }
  }

  // --- single experiments

  private void stopThoseTooHot() {
    Optional<ZoneReading> hottest = thermalState().heat().hottest();
    if (hottest.isEmpty()) {
      return;
    }
    MilliCelsius reads = hottest.get().temperature().orElseThrow();
    for (Experiment experiment : builder.state.active()) {
      OptionalInt most = limitOf(experiment);
      if (most.isPresent()
          && reads.value() > most.getAsInt()
          && !(experiment.phase() instanceof Phase.Stopping)) {
        builder.stop(
            experiment,
            ExperimentState.COOLING,
            "zone '%s' reads %s, above the %s that it may have"
                .formatted(
                    hottest.get().type(),
                    reads.exact(),
                    new MilliCelsius(most.getAsInt()).exact()));
      }
    }
  }

  private void requeueThoseCoolAgain() {
    Heat heat = thermalState().heat();
    SortedMap<String, Duration> since = new TreeMap<>();
    for (Experiment experiment : builder.state.experiments()) {
      if (!(experiment.phase() instanceof Phase.Cooling)) {
        continue;
      }
      OptionalInt most = limitOf(experiment);
      if (most.isPresent() && !isBelow(most.getAsInt())) {
        continue;
      }
      Duration from =
          thermalState().belowLimitSince().getOrDefault(experiment.id(), builder.uptime);
      boolean dwelt =
          most.isEmpty() || builder.uptime.minus(from).compareTo(limits.thresholds().dwell()) >= 0;
      if (heat.admits() && dwelt) {
        builder.requeue(experiment, "cool again; it resumes");
      } else {
        since.put(experiment.id(), from);
      }
    }
    set(thermalState().withBelowLimitSince(since));
  }

  private boolean isBelow(int most) {
    return Admission.coolEnough(thermalState().heat(), limits.thresholds(), most);
  }

  private OptionalInt limitOf(Experiment experiment) {
    return builder
        .state
        .spec(experiment.id())
        .map(spec -> spec.conditions().maxMilliCelsius())
        .orElse(OptionalInt.empty());
  }

  // --- the power mode

  public void powerSeen(Event.PowerSeen event) {
    PowerState before = thermalState().power();
    PowerState now = before.seen(event.modes(), event.now(), event.problem(), event.onlineCores());
    boolean byOthers =
        before.now().isPresent()
            && event.now().isPresent()
            && !before.now().equals(event.now())
            && before.asked().isEmpty();
    if (byOthers) {
      step("power mode " + event.now().get(), "somebody else changed it; coord leaves it so");
      now = forget(now);
      set(thermalState().withCooling(withoutMode(thermalState().cooling())));
    } else if (before.now().isEmpty() && now.before().isPresent()) {
      takeOverMode(now);
    }
    setPower(now);
    setPowerMode();
  }

  /** A lower mode that a coordinator before this one has left is a step of cooling. */
  private void takeOverMode(PowerState now) {
    List<PowerMode> lower = now.lower(builder.uptime);
    for (int i = 0; i < lower.size(); i++) {
      if (now.now().equals(Optional.of(lower.get(i).asCurrent()))) {
        Cooling cooling = thermalState().cooling();
        set(
            thermalState()
                .withCooling(Cooling.takenOver(i + 1, cooling.share(), cooling.frozen())));
        step("taken over: power mode " + now.now().get(), "set by the previous daemon");
      }
    }
  }

  private static Cooling withoutMode(Cooling cooling) {
    return cooling.modeSteps() == 0
        ? cooling
        : Cooling.takenOver(0, cooling.share(), cooling.frozen());
  }

  public void powerSwitched(Event.PowerSwitched event) {
    PowerState power = thermalState().power().withAsked(Optional.empty());
    if (event.outcome() instanceof SwitchOutcome.Switched switched) {
      power =
          power
              .seen(
                  power.modes(), Optional.of(switched.now()), power.problem(), power.onlineCores())
              .withFailed(Optional.empty());
      step("power mode " + switched.now(), event.why());
    } else {
      power =
          power.withFailed(
              Optional.of(
                  new PowerState.Failed(
                      event.wanted(), builder.uptime, event.outcome().sentence())));
      step("power mode stays", event.outcome().sentence());
    }
    setPower(power);
    setPowerMode();
  }

  /** Has the mode switched for an experiment that could start but for the mode. */
  public void switchFor(Experiment candidate) {
    setPower(
        thermalState()
            .power()
            .withCandidate(Optional.of(new PowerState.Candidate(candidate.id(), builder.uptime))));
    setPowerMode();
  }

  /** Asks for the mode that the board ought to be in, if it is in another. */
  private void setPowerMode() {
    PowerState power = thermalState().power();
    if (power.modes().isEmpty() || power.now().isEmpty() || power.switching(builder.uptime)) {
      return;
    }
    Optional<CurrentMode> requestedPowerMode =
        modeRequestedByRunning().or(this::modeRequestedByCandidate);
    List<PowerMode> lower = power.lower(builder.uptime);
    int steps = Math.min(thermalState().cooling().modeSteps(), lower.size());
    CurrentMode now = power.now().get();
    CurrentMode target =
        requestedPowerMode.orElseGet(
            () -> steps > 0 ? lower.get(steps - 1).asCurrent() : power.before().orElse(now));
    if (target.equals(now)) {
      if (power.before().equals(Optional.of(now))) {
        setPower(forget(power));
      }
      return;
    }
    Optional<PowerMode> from = power.find(now);
    Optional<PowerMode> to = power.find(target);
    if (from.isEmpty()
        || to.isEmpty()
        || !power.modes().get().liveFrom(from.get(), to.get())
        || power.whyNot(target, builder.uptime).isPresent()) {
      return;
    }
    PowerState asking = power.withAsked(Optional.of(new PowerState.Asked(target, builder.uptime)));
    if (power.before().isEmpty()) {
      builder.change(new Change.PowerModeBeforeSet(Optional.of(RestoredState.stored(now))));
      asking = asking.withBefore(Optional.of(now));
    }
    setPower(asking);
    builder.effect(new Effect.SwitchPowerMode(to.get(), whySwitch(requestedPowerMode, steps)));
  }

  private String whySwitch(Optional<CurrentMode> requestedPowerMode, int steps) {
    if (requestedPowerMode.isPresent()) {
      return "an experiment asked for it";
    }
    return steps > 0 ? thermalState().cooling().reason() : "nobody needs another mode any more";
  }

  private PowerState forget(PowerState power) {
    if (power.before().isPresent()) {
      builder.change(new Change.PowerModeBeforeSet(Optional.empty()));
    }
    return power.withBefore(Optional.empty());
  }

  private Optional<CurrentMode> modeRequestedByRunning() {
    return builder.state.active().stream()
        .flatMap(experiment -> builder.state.requestedPowerMode(experiment.id()).stream())
        .findFirst();
  }

  private Optional<CurrentMode> modeRequestedByCandidate() {
    return thermalState()
        .power()
        .candidate()
        .filter(one -> builder.uptime.minus(one.uptime()).compareTo(Duration.ofMinutes(5)) < 0)
        .flatMap(one -> builder.state.find(one.id()))
        .filter(experiment -> experiment.state() == ExperimentState.QUEUED)
        .flatMap(experiment -> builder.state.requestedPowerMode(experiment.id()));
  }

  private ThermalState thermalState() {
    return builder.runtime.thermalState();
  }

  private void set(ThermalState thermalState) {
    builder.runtime = builder.runtime.withThermalState(thermalState);
  }

  private void setPower(PowerState power) {
    set(thermalState().withPower(power));
  }
}
