package io.coord.scheduler.core.dispatch;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.runner.Spec;
import io.coord.scheduler.core.admission.Admission;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.ExperimentException;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.reconcile.Reconciler;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.thermal.ThermalController;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts experiments, and handles starts that were refused. */
public final class Dispatcher {
  /** Thousands may wait for one; so many end in one transaction, which takes some milliseconds. */
  private static final int ENDS_AT_ONCE = 25;

  private final DecisionBuilder builder;
  private final Limits limits;

  public Dispatcher(DecisionBuilder builder, Limits limits) {
    this.builder = builder;
    this.limits = limits;
  }

  /**
   * The dispatch of the first experiment that may start, or the end of experiments that never can
   * start, or a switch to another power mode, or a decision without changes after which it is to be
   * asked again; empty if there is nothing to do.
   */
  public Optional<Decision> next() {
    State state = builder.state();
    Optional<Decision> setAside = holdSetAside();
    if (setAside.isPresent()) {
      return setAside;
    }
    List<Experiment> unsatisfiable = state.unsatisfiable(ENDS_AT_ONCE);
    if (!unsatisfiable.isEmpty()) {
      for (Experiment one : unsatisfiable) {
        builder.end(one, ExperimentState.FAILED, state.whyUnsatisfiable(one.id()));
      }
      return Optional.of(builder.decision());
    }
    if (!state.isSettled()) {
      return Optional.of(builder.decision());
    }
    Admission admission = new Admission(state, limits, builder.timestamps());
    Optional<Experiment> next = admission.next();
    if (next.isPresent()) {
      try {
        dispatch(next.get());
      } catch (RuntimeException e) {
        throw new ExperimentException(next.get().id(), e);
      }
      return Optional.of(builder.decision());
    }
    admission
        .nextInAnotherMode()
        .ifPresentOrElse(
            new ThermalController(builder, limits)::switchFor,
            new ThermalController(builder, limits)::reconsiderPowerMode);
    Decision decision = builder.decision();
    return decision.isEmpty() ? Optional.empty() : Optional.of(decision);
  }

  /** Holds an experiment that is set aside; one that is active is held once its unit is down. */
  private Optional<Decision> holdSetAside() {
    for (Map.Entry<String, String> entry : builder.runtime().setAside().entrySet()) {
      Optional<Experiment> found = builder.state().find(entry.getKey());
      if (found.filter(experiment -> experiment.state().isActive()).isPresent()) {
        continue;
      }
      found
          .filter(experiment -> experiment.state() != ExperimentState.HELD)
          .ifPresent(
              experiment ->
                  builder.hold(
                      experiment,
                      entry.getValue() + "; continue with 'coord release', end with 'coord stop'"));
      builder.runtime(builder.runtime().withSetAside(entry.getKey(), Optional.empty()));
      return Optional.of(builder.decision());
    }
    return Optional.empty();
  }

  private void dispatch(Experiment experiment) {
    Optional<String> text = builder.state().specText(experiment.id());
    Optional<Spec> found = text.flatMap(stored -> builder.state().spec(experiment.id(), stored));
    if (found.isEmpty()) {
      builder.hold(
          experiment,
          "the stored spec cannot be read by this version of coord; continue with a version that"
              + " can and 'coord release', end with 'coord stop'");
      return;
    }
    Spec spec = found.get();
    Optional<Duration> left =
        spec.times().maxDuration().map(max -> max.minus(experiment.counts().ran()));
    if (left.filter(time -> time.isNegative() || time.isZero()).isPresent()) {
      builder.end(experiment, ExperimentState.FAILED, Reconciler.OUT_OF_TIME);
      return;
    }
    builder.keep(experiment, spec);
    builder.runtime(
        builder
            .runtime()
            .withThermalState(builder.runtime().thermalState().withSteadySince(builder.uptime())));
    Experiment starting = builder.move(experiment, new Phase.Starting(), "dispatched");
    builder.effect(
        new Effect.Dispatch(
            starting,
            text.orElseThrow(),
            spec,
            spec.restart().restartLimit(experiment.counts().crashes()),
            left));
  }

  /** A start failed. */
  public void failed(Event.DispatchFailed event) {
    starting(event.id())
        .ifPresent(experiment -> builder.dispatchFailed(experiment, event.why(), event.fault()));
  }

  /** A mount, or another unit that an experiment's unit requires, could not be started. */
  public void requirementFailed(String id) {
    failed(
        new Event.DispatchFailed(
            id,
            "cannot start '" + id + "': a mount that its files are on could not be mounted",
            Event.DispatchFailed.Fault.PASSING_FOR_PLACE));
  }

  /** The rules of the machine forbid a start at present. */
  public void forbidden(Event.DispatchForbidden event) {
    starting(event.id()).ifPresent(experiment -> builder.hold(experiment, event.why()));
  }

  private Optional<Experiment> starting(String id) {
    return builder
        .state()
        .find(id)
        .filter(experiment -> experiment.phase() instanceof Phase.Starting);
  }
}
