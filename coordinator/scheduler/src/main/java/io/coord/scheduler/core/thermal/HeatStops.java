package io.coord.scheduler.core.thermal;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.Requirements;
import io.coord.scheduler.core.admission.Admission;
import io.coord.scheduler.core.decision.Effect;
import io.coord.thermal.Heat;
import io.coord.thermal.MilliCelsius;
import io.coord.thermal.Thresholds;
import io.coord.thermal.ZoneReading;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** Stops experiments because of heat, and requeues them when it is cool again. */
final class HeatStops {

  /** So long before its bound, an emergency stop kills what has not ended. */
  private static final Duration KILLED_BEFORE_BOUND = Duration.ofSeconds(2);

  private final ThermalContext context;

  HeatStops(ThermalContext context) {
    this.context = context;
  }

  /**
   * Stops all active experiments.
   *
   * @param since the uptime since which it is critical
   */
  void stopAll(Duration since) {
    Duration bound = context.limits().heat().emergencyStop().minus(KILLED_BEFORE_BOUND);
    boolean kill = context.uptime().minus(since).compareTo(bound) >= 0;
    // At each reading, not only at the first: a stop that failed is asked for again.
    for (Experiment experiment : context.state().active()) {
      if (experiment.phase() instanceof Phase.Stopping) {
        context.builder().effect(new Effect.Stop(experiment.id()));
      } else {
        context
            .builder()
            .stop(experiment, ExperimentState.COOLING, context.thermal().heat().reason());
      }
      if (kill) {
        context.builder().effect(new Effect.KillAll(experiment.id()));
      }
    }
  }

  /** Stops the experiments whose own temperature limit is exceeded. */
  void stopThoseAboveTheirLimit() {
    Optional<ZoneReading> hottest = context.thermal().heat().hottest();
    if (hottest.isEmpty()) {
      return;
    }
    MilliCelsius reads = hottest.get().temperature().orElseThrow();
    for (Experiment experiment : context.state().active()) {
      OptionalInt max = maxMilliCelsius(experiment);
      if (max.isPresent()
          && reads.value() > max.getAsInt()
          && !(experiment.phase() instanceof Phase.Stopping)) {
        context
            .builder()
            .stop(
                experiment,
                ExperimentState.COOLING,
                "zone '%s' reads %s, above the experiment's limit of %s"
                    .formatted(
                        hottest.get().type(),
                        reads.exact(),
                        new MilliCelsius(max.getAsInt()).exact()));
      }
    }
  }

  /** Requeues the experiments for which it is cool enough again. */
  void requeueThoseCoolAgain() {
    Heat heat = context.thermal().heat();
    Thresholds thresholds = context.limits().heat().thresholds();
    boolean mayStart =
        context
            .thermal()
            .startObstacle(
                context.limits().heat().starts(), context.state().active().size(), context.uptime())
            .isEmpty();
    SortedMap<String, Duration> since = new TreeMap<>();
    for (Experiment experiment : context.state().cooling()) {
      OptionalInt max = maxMilliCelsius(experiment);
      if (max.isPresent() && !Admission.coolEnough(heat, thresholds, max.getAsInt())) {
        continue;
      }
      Duration from =
          context.thermal().belowLimitSince().getOrDefault(experiment.id(), context.uptime());
      boolean dwelt =
          max.isEmpty() || context.uptime().minus(from).compareTo(thresholds.dwell()) >= 0;
      if (mayStart && dwelt) {
        context.builder().requeue(experiment, "cool again; resumes from the queue");
      } else {
        since.put(experiment.id(), from);
      }
    }
    context.set(context.thermal().withBelowLimitSince(since));
  }

  private OptionalInt maxMilliCelsius(Experiment experiment) {
    return experiment
        .submission()
        .requirements()
        .map(Requirements::maxMilliCelsius)
        .orElse(OptionalInt.empty());
  }
}
