package io.coord.scheduler.core.reconcile;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.scheduler.core.admission.Breaker;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.State;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Brings everything in line with the service manager: at a start, and at each health check. */
public final class Resynchronizer {
  private static final Duration AGEING_INTERVAL = Duration.ofMinutes(30);

  private final DecisionBuilder builder;
  private final State state;

  public Resynchronizer(DecisionBuilder builder) {
    this.builder = builder;
    this.state = builder.state();
  }

  /** A health check is due: asks for an observation of everything, in case a signal was lost. */
  public void healthDue() {
    age();
    builder.resync();
  }

  /** Updates the ledger's age; not often, as it costs a flush of the disk. */
  private void age() {
    Optional<Duration> since = builder.runtime().agedAt();
    if (since.isEmpty()) {
      builder.runtime(builder.runtime().withAgedAt(builder.uptime()));
      return;
    }
    Duration passed = builder.uptime().minus(since.get());
    if (passed.compareTo(AGEING_INTERVAL) >= 0) {
      builder.change(new Change.TimePassed(passed));
      builder.runtime(builder.runtime().withAgedAt(builder.uptime()));
    }
  }

  /** Everything was observed. */
  public void resynced(Event.Resynced event) {
    boolean rebooted = state.lastBoot().filter(boot -> !boot.equals(event.bootId())).isPresent();
    if (!state.lastBoot().equals(Optional.of(event.bootId()))) {
      builder.change(new Change.BootSeen(event.bootId(), builder.now()));
    }
    event.observations().forEach(observation -> reconcile(observation, rebooted));
    event.prepared().forEach(this::releaseUnlessActive);
    if (rebooted) {
      state.experiments().forEach(this::holdIfDisabled);
    }
    adoptOthers(event.others());
    builder.runtime(builder.runtime().withManagerUp());
    state.breakers().all().forEach(this::scheduleCanary);
  }

  private void reconcile(Observation observation, boolean rebooted) {
    boolean stopping =
        state
            .find(observation.id())
            .filter(experiment -> experiment.phase() instanceof Phase.Stopping)
            .isPresent();
    if (stopping && !rebooted) {
      // A start that the previous coordinator asked for may still come. The stop prevents it, and
      // its answer brings an observation.
      builder.effect(new Effect.Stop(observation.id()));
    } else {
      new ObservationHandler(builder).reconcile(observation, rebooted);
    }
  }

  private void releaseUnlessActive(String instance) {
    Optional<Experiment> owner = state.find(instance);
    if (owner.filter(experiment -> experiment.state().isActive()).isEmpty()) {
      builder.effect(new Effect.ReleaseUnit(instance));
    }
  }

  /** An experiment that an operator has disabled does not start automatically after a boot. */
  private void holdIfDisabled(Experiment before) {
    Experiment experiment = builder.latest(before);
    boolean wouldStart =
        experiment.state() == ExperimentState.QUEUED
            || experiment.state() == ExperimentState.COOLING;
    if (!experiment.autostart() && wouldStart) {
      builder.move(
          experiment, new Phase.Held(), "disabled, held after a boot; 'coord release' continues");
    }
  }

  /**
   * Units of experiments that are up although coord has not started them. A queued experiment whose
   * unit is up counts as started. A unit without an experiment is left to whoever started it, and
   * takes a slot.
   */
  private void adoptOthers(List<UnitStatus> others) {
    List<String> unmanaged = new ArrayList<>();
    for (UnitStatus unit : others) {
      String id = ExperimentUnits.idOf(unit.unit());
      Optional<Experiment> known = state.find(id).filter(e -> !e.state().isActive());
      if (known.isPresent() && unit.invocation().isPresent()) {
        Experiment experiment = builder.latest(known.get());
        if (!experiment.state().isActive()) {
          builder.observe(
              builder.move(experiment, new Phase.Starting(), "unit started with systemctl"));
        }
      } else if (state.find(id).isEmpty()) {
        unmanaged.add(unit.unit());
      }
    }
    builder.runtime(builder.runtime().withUnmanaged(unmanaged));
  }

  /**
   * Takes over a unit that runs without an experiment in the ledger, as after a loss of it: heat,
   * memory and slots include it from now on, and its earlier exit records count.
   */
  public void takeOver(Event.StrayFound event) {
    String id = ExperimentUnits.idOf(event.unit());
    if (state.find(id).isPresent()
        || !state.runtime().manager().unmanaged().contains(event.unit())) {
      return;
    }
    Experiment experiment =
        Experiment.enqueued(
            id,
            builder.nextSequence(),
            event.submission(),
            "its unit runs, and the database did not know it");
    builder.enqueue(experiment, event.spec());
    Experiment starting =
        builder.move(experiment, new Phase.Starting(), "taken over with the files of its unit");
    builder.effect(new Effect.Observe(starting, Optional.of(event.spec())));
  }

  private void scheduleCanary(BreakerState breaker) {
    if (breaker.held() && !builder.runtime().canaries().containsKey(breaker.key())) {
      builder.canary(breaker.key(), builder.uptime().plus(Breaker.CANARY_DELAY), Optional.empty());
    }
  }
}
