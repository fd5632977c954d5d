package io.coord.scheduler.core.reconcile;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.persistence.Submission;
import io.coord.scheduler.core.admission.Breaker;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.SpecRequirements;
import io.coord.scheduler.core.state.State;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
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
    noteOthers(event.others());
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
   * Units of experiments that are up although coord has not started them. Each is left to whoever
   * started it, and takes a slot, until its files show that it runs an experiment of coord.
   */
  private void noteOthers(List<UnitStatus> others) {
    builder.runtime(
        builder
            .runtime()
            .withUnmanaged(
                others.stream()
                    .map(UnitStatus::unit)
                    .filter(
                        unit ->
                            state
                                .find(ExperimentUnits.idOf(unit))
                                .filter(experiment -> builder.latest(experiment).state().isActive())
                                .isEmpty())
                    .toList()));
  }

  /**
   * Takes over a unit whose files name an experiment that waits, or one that the ledger does not
   * know, as after a loss of it: heat, memory and slots include it from now on, and its earlier
   * exit records count. A unit of another experiment with the same id stays where it is.
   */
  public void takeOver(Event.StrayFound event) {
    String id = ExperimentUnits.idOf(event.unit());
    Optional<Experiment> known = state.find(id);
    if (!state.runtime().manager().unmanaged().contains(event.unit())
        || known.filter(one -> one.state().isActive() || !runs(event, one)).isPresent()) {
      return;
    }
    Experiment waiting =
        known.orElseGet(
            () ->
                Experiment.enqueued(
                    id,
                    builder.nextSequence(),
                    event.submission().withRequirements(SpecRequirements.of(event.spec())),
                    "its unit runs, and the database did not know it"));
    if (known.isEmpty()) {
      builder.takeOver(waiting, event.specText(), event.spec());
    } else {
      builder.keep(waiting, event.spec());
      builder.runtime(
          builder
              .runtime()
              .withUnmanaged(
                  builder.runtime().manager().unmanaged().stream()
                      .filter(unit -> !unit.equals(event.unit()))
                      .toList()));
    }
    Experiment starting =
        builder.move(waiting, new Phase.Starting(), "taken over with the files of its unit");
    builder.effect(new Effect.Observe(starting, Optional.of(event.spec())));
  }

  /** Whether a unit runs this experiment, and not one that had the same id in another ledger. */
  private boolean runs(Event.StrayFound event, Experiment experiment) {
    Submission here = experiment.submission();
    Submission there = event.submission();
    return here.ledger().equals(there.ledger())
        && here.owner().equals(there.owner())
        && here.enqueuedAt().toEpochMilli() == there.enqueuedAt().toEpochMilli()
        && state.specText(experiment.id()).equals(Optional.of(event.specText()));
  }

  private void scheduleCanary(BreakerState breaker) {
    if (breaker.held() && !builder.runtime().canaries().containsKey(breaker.key())) {
      builder.canary(breaker.key(), builder.uptime().plus(Breaker.CANARY_DELAY), Optional.empty());
    }
  }
}
