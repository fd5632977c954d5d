package io.coord.scheduler.core.reconcile;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.ExperimentException;
import io.coord.scheduler.core.state.Observation;
import java.util.Optional;

/** Asks for observations of units, and has their experiments reconciled with them. */
public final class ObservationHandler {
  private final DecisionBuilder builder;

  public ObservationHandler(DecisionBuilder builder) {
    this.builder = builder;
  }

  /** Asks for an observation of an active experiment's unit. */
  public void observe(String id) {
    if (builder.runtime().manager().up()) {
      active(id).ifPresent(builder::observe);
    }
  }

  /** A unit was observed. */
  public void observed(Observation observation) {
    // Before everything was compared, the boot that this observation belongs to is not known.
    if (builder.runtime().manager().up()) {
      reconcile(observation, false);
    }
  }

  /**
   * Reconciles an active experiment with an observation.
   *
   * @param rebooted whether the machine was rebooted since the experiment's phase was stored
   */
  void reconcile(Observation seen, boolean rebooted) {
    Optional<Experiment> found = active(seen.id());
    if (found.isEmpty()) {
      return;
    }
    if (!rebooted && !found.get().equals(seen.experiment())) {
      // The observation may be older than what is known by now.
      builder.observe(found.get());
      return;
    }
    try {
      new Reconciler(builder, found.get(), seen, rebooted).reconcile();
    } catch (RuntimeException e) {
      throw new ExperimentException(seen.id(), e);
    }
  }

  private Optional<Experiment> active(String id) {
    return builder.state().find(id).filter(experiment -> experiment.state().isActive());
  }
}
