package io.coord.scheduler.core;

import io.coord.persistence.Change;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.GroupState;
import io.coord.persistence.Phase;
import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import io.coord.scheduler.core.admission.Admission;
import io.coord.scheduler.core.decision.Answer;
import io.coord.scheduler.core.decision.Breaker;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.reconcile.Reconciler;
import io.coord.scheduler.core.request.Enqueuer;
import io.coord.scheduler.core.schedule.CronTimes;
import io.coord.scheduler.core.schedule.Scheduling;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.core.thermal.ThermalController;
import io.coord.systemd.UnitStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Decides what follows from an event. Holds nothing but the operator's limits, so the same state,
 * event and instant always give the same decision.
 */
public final class Decider {
  private static final Duration AGEING = Duration.ofMinutes(30);

  private final Limits limits;
  private final CronTimes times;

  /**
   * @param times knows when schedules fire
   */
  public Decider(Limits limits, CronTimes times) {
    this.limits = limits;
    this.times = times;
  }

  /** What follows from one event. The state is only read. */
  public Decision decide(State state, Event event, Timestamps now) {
    DecisionBuilder builder = new DecisionBuilder(state, now);
    event.deliverTo(new Handling(builder));
    return builder.decision();
  }

  /**
   * The dispatch of the first experiment that may start, or the end of one that never can; empty if
   * there is neither. To be asked again after each decision until it is empty.
   */
  public Optional<Decision> admit(State state, Timestamps now) {
    DecisionBuilder builder = new DecisionBuilder(state, now);
    Optional<Experiment> unsatisfiable = state.unsatisfiable();
    if (unsatisfiable.isPresent()) {
      builder.end(
          unsatisfiable.get(),
          ExperimentState.FAILED,
          state.whyUnsatisfiable(unsatisfiable.get().id()));
      return Optional.of(builder.decision());
    }
    Optional<Experiment> next = new Admission(state, limits, now).next();
    if (next.isEmpty()) {
      return switchFor(builder, now);
    }
    dispatch(builder, next.get());
    return Optional.of(builder.decision());
  }

  /** The switch to another power mode for the first that could start but for the mode. */
  private Optional<Decision> switchFor(DecisionBuilder builder, Timestamps now) {
    Optional<Experiment> candidate = new Admission(builder.state, limits, now).nextInAnotherMode();
    if (candidate.isEmpty()) {
      return Optional.empty();
    }
    new ThermalController(builder, limits).switchFor(candidate.get());
    Decision decision = builder.decision();
    return decision.isEmpty() ? Optional.empty() : Optional.of(decision);
  }

  private static void dispatch(DecisionBuilder builder, Experiment experiment) {
    Optional<Spec> spec = builder.state.spec(experiment.id());
    if (spec.isEmpty()) {
      builder.end(
          experiment,
          ExperimentState.FAILED,
          "its stored spec cannot be read by this version of coord");
      return;
    }
    Optional<Duration> left =
        spec.get().times().maxDuration().map(most -> most.minus(experiment.counts().ran()));
    if (left.filter(time -> time.isNegative() || time.isZero()).isPresent()) {
      builder.end(experiment, ExperimentState.FAILED, Reconciler.OUT_OF_TIME);
      return;
    }
    Experiment starting = builder.move(experiment, new Phase.Starting(), "dispatched");
    builder.effect(
        new Effect.Dispatch(
            starting,
            spec.get(),
            spec.get().restart().restartLimit(experiment.counts().crashes()),
            left));
  }

  /** Why an experiment is where it is, in words that hold at this moment. */
  public String why(State state, Experiment experiment, Timestamps now) {
    return new Admission(state, limits, now).why(experiment);
  }

  private final class Handling implements Event.Handler {
    private final DecisionBuilder builder;
    private final State state;

    Handling(DecisionBuilder builder) {
      this.builder = builder;
      this.state = builder.state;
    }

    @Override
    public void on(Event.ManagerFound event) {
      builder.resync();
    }

    @Override
    public void on(Event.Resynced event) {
      boolean rebooted = state.lastBoot().filter(boot -> !boot.equals(event.bootId())).isPresent();
      if (!state.lastBoot().equals(Optional.of(event.bootId()))) {
        builder.bootSeen(event.bootId());
      }
      for (Observation observation : event.observations()) {
        Optional<Experiment> stopping = state.find(observation.id()).filter(Handling::isStopping);
        if (stopping.isPresent() && !rebooted) {
          // A start that was asked for by a coordinator before this one may still come; the stop
          // keeps it from that, and its answer brings a look.
          builder.effect(new Effect.Stop(observation.id()));
        } else {
          reconcile(observation, rebooted);
        }
      }
      for (String instance : event.prepared()) {
        Optional<Experiment> owner = state.find(instance);
        if (owner.filter(experiment -> experiment.state().isActive()).isEmpty()) {
          builder.effect(new Effect.ReleaseUnit(instance));
        }
      }
      if (rebooted) {
        state.experiments().forEach(this::keepFromAutostart);
      }
      noteOthers(event.others());
      builder.runtime = builder.runtime.withManager(true, "").withDispatchPaused(false);
      for (GroupState group : state.groups()) {
        if (group.held() && !builder.runtime.canaries().containsKey(group.name())) {
          builder.runtime =
              builder.runtime.withCanary(
                  group.name(), Optional.of(builder.uptime.plus(Breaker.CANARY_DELAY)));
        }
      }
    }

    /** What an operator has disabled does not start by itself after a boot. */
    private void keepFromAutostart(Experiment before) {
      Experiment experiment = builder.latest(before);
      boolean wouldStart =
          experiment.state() == ExperimentState.QUEUED
              || experiment.state() == ExperimentState.COOLING;
      if (!experiment.autostart() && wouldStart) {
        builder.move(
            experiment,
            new Phase.Held(),
            "the machine was booted, and it is disabled; 'coord release' lets it go on");
      }
    }

    /**
     * Units of experiments that run although nobody here has started them. One that waits in the
     * queue is taken for started; one that is not known belongs to whoever started it, and counts
     * as one slot.
     */
    private void noteOthers(List<UnitStatus> others) {
      List<String> unmanaged = new ArrayList<>();
      for (UnitStatus unit : others) {
        String id = ExperimentUnits.idOf(unit.unit());
        Optional<Experiment> known = state.find(id).filter(e -> !e.state().isActive());
        if (known.isPresent() && unit.invocation().isPresent()) {
          Experiment experiment = builder.latest(known.get());
          if (!experiment.state().isActive()) {
            builder.look(
                builder.move(
                    experiment, new Phase.Starting(), "its unit was started with systemctl"));
          }
        } else if (state.find(id).isEmpty()) {
          unmanaged.add(unit.unit());
        }
      }
      builder.runtime = builder.runtime.withUnmanaged(unmanaged);
    }

    @Override
    public void on(Event.TargetSeen event) {
      builder.runtime = builder.runtime.withTargetStopping(event.stopping());
    }

    @Override
    public void on(Event.ManagerLost event) {
      builder.runtime =
          builder.runtime.withManager(
              false, "the service manager cannot be reached: " + event.why());
    }

    @Override
    public void on(Event.EnqueueAsked event) {
      Spec spec = event.spec();
      String id = spec.id().orElseGet(() -> "exp-" + builder.freeSequence());
      Optional<String> unknown = unknownDependency(spec, event.ended());
      if (unknown.isPresent()) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot enqueue '" + id + "': " + unknown.get() + "; nothing was enqueued");
        return;
      }
      Answer answer =
          new Enqueuer(limits)
              .enqueue(builder, id, event.specText(), spec, event.owner(), event.owner());
      if (answer instanceof Answer.Done) {
        builder.ends(event.ended());
      }
      builder.reply(event.ticket(), answer);
    }

    /**
     * An experiment that it is to run after and that there never was. So nobody waits for one that
     * comes later, and there are no cycles.
     */
    private Optional<String> unknownDependency(
        Spec spec, SortedMap<String, Optional<ExperimentState>> ended) {
      return spec.ordering().dependencies().stream()
          .filter(dependency -> !ended.containsKey(dependency) && state.find(dependency).isEmpty())
          .findFirst()
          .map(
              dependency ->
                  "it is to run after '" + dependency + "', and no experiment has that id");
    }

    @Override
    public void on(Event.AutostartAsked event) {
      Optional<Experiment> found =
          find(event.ticket(), event.id(), event.autostart() ? "enable" : "disable");
      found.ifPresent(
          experiment ->
              builder.reply(
                  event.ticket(),
                  new Answer.Done(
                      builder.change(
                          experiment, new Change.AutostartSet(event.id(), event.autostart())))));
    }

    @Override
    public void on(Event.DrainAsked event) {
      builder.change(
          new Change.DrainingSet(
              event.draining() ? Optional.of("by " + event.by()) : Optional.empty()));
      builder.reply(
          event.ticket(),
          new Answer.Noted(
              event.draining()
                  ? "draining: what runs is finished, nothing is started"
                  : "the queue starts experiments"));
    }

    @Override
    public void on(Event.GroupReleaseAsked event) {
      if (!state.group(event.group()).held()) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot release group '" + event.group() + "': it is not held; nothing was changed");
        return;
      }
      Breaker.sendCanary(builder, event.group());
      builder.reply(
          event.ticket(),
          new Answer.Noted(
              "group '"
                  + event.group()
                  + "' sends one experiment; if it lives, the group is open"));
    }

    @Override
    public void on(Event.ScheduleAsked event) {
      Schedule schedule = event.schedule();
      Optional<Schedule> same =
          state.schedules().stream().filter(s -> s.id().equals(schedule.id())).findFirst();
      Optional<Instant> next = times.next(schedule.cron(), builder.now);
      Optional<String> unknown = unknownDependency(event.spec(), event.ended());
      if (same.isPresent() || next.isEmpty() || unknown.isPresent()) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot schedule '"
                + schedule.id()
                + "': "
                + (same.isPresent()
                    ? "there is a schedule of that id"
                    : unknown.orElse("'" + schedule.cron() + "' never fires"))
                + "; nothing was scheduled");
        return;
      }
      builder.ends(event.ended());
      // Times before it was made are not missed times.
      builder.schedule(
          new Schedule(
              schedule.id(),
              schedule.cron(),
              schedule.spec(),
              schedule.owner(),
              true,
              1,
              Optional.of(builder.now)),
          event.spec());
      builder.reply(
          event.ticket(), new Answer.Noted("'" + schedule.id() + "' fires first at " + next.get()));
    }

    @Override
    public void on(Event.UnscheduleAsked event) {
      Optional<Schedule> found =
          state.schedules().stream().filter(s -> s.id().equals(event.id())).findFirst();
      if (found.isEmpty()) {
        refuse(
            event.ticket(),
            Answer.Kind.UNKNOWN_ID,
            "cannot unschedule '" + event.id() + "': there is no schedule of that id");
      } else if (!event.operator() && !found.get().owner().equals(event.by())) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot unschedule '" + event.id() + "': it belongs to " + found.get().owner());
      } else {
        builder.change(new Change.ScheduleRemoved(event.id()));
        builder.reply(event.ticket(), new Answer.Noted("'" + event.id() + "' fires no more"));
      }
    }

    @Override
    public void on(Event.StopAsked event) {
      Optional<Experiment> found = find(event.ticket(), event.id(), "stop");
      if (found.isEmpty()) {
        return;
      }
      Experiment experiment = found.get();
      String why = "stopped by " + event.by();
      boolean stopsForGood =
          experiment.phase() instanceof Phase.Stopping stopping
              && stopping.goal() != ExperimentState.COOLING;
      Experiment after = experiment;
      if (!experiment.state().isActive()) {
        after = builder.end(experiment, ExperimentState.STOPPED, why);
      } else if (!stopsForGood) {
        after = builder.stop(experiment, ExperimentState.STOPPED, why);
      }
      builder.reply(event.ticket(), new Answer.Done(after));
    }

    @Override
    public void on(Event.HoldAsked event) {
      Optional<Experiment> found = find(event.ticket(), event.id(), "hold");
      if (found.isEmpty()) {
        return;
      }
      Experiment experiment = found.get();
      switch (experiment.state()) {
        case HELD -> builder.reply(event.ticket(), new Answer.Done(experiment));
        case QUEUED ->
            builder.reply(
                event.ticket(),
                new Answer.Done(
                    builder.move(experiment, new Phase.Held(), "held by " + event.by())));
        default ->
            refuse(
                event.ticket(),
                Answer.Kind.USER,
                "cannot hold '"
                    + event.id()
                    + "': it is "
                    + experiment.state().word()
                    + ", and only a queued experiment can be held; nothing was changed");
      }
    }

    @Override
    public void on(Event.ReleaseAsked event) {
      Optional<Experiment> found = find(event.ticket(), event.id(), "release");
      if (found.isEmpty()) {
        return;
      }
      Experiment experiment = found.get();
      if (experiment.state() != ExperimentState.HELD) {
        refuse(
            event.ticket(),
            Answer.Kind.USER,
            "cannot release '"
                + event.id()
                + "': it is "
                + experiment.state().word()
                + ", not held; nothing was changed");
        return;
      }
      builder.reply(
          event.ticket(),
          new Answer.Done(
              builder.move(experiment, new Phase.Queued(), "released by " + event.by())));
    }

    @Override
    public void on(Event.UnitChanged event) {
      lookAt(event.id());
    }

    @Override
    public void on(Event.Observed event) {
      // Until everything was compared, it is not known which boot of the machine this is about.
      if (builder.runtime.managerUp()) {
        reconcile(event.observation(), false);
      }
    }

    @Override
    public void on(Event.StartAnswered event) {
      // A job that failed may have begun a run all the same, and one that is done may be long over:
      // the unit and its records tell.
      lookAt(event.id());
    }

    @Override
    public void on(Event.DispatchFailed event) {
      Optional<Experiment> found = state.find(event.id());
      if (found.isEmpty() || !(found.get().phase() instanceof Phase.Starting)) {
        return;
      }
      builder.dispatchFailed(found.get(), event.why(), event.lasting());
    }

    @Override
    public void on(Event.DispatchForbidden event) {
      state
          .find(event.id())
          .filter(experiment -> experiment.phase() instanceof Phase.Starting)
          .ifPresent(experiment -> builder.hold(experiment, event.why()));
    }

    @Override
    public void on(Event.ZonesRead event) {
      new Scheduling(builder, times, new Enqueuer(limits)).fireDue();
      new ThermalController(builder, limits).read(event.summary());
    }

    @Override
    public void on(Event.ThrottleSeen event) {
      new ThermalController(builder, limits).throttleSeen(event.inForce(), event.freezes());
    }

    @Override
    public void on(Event.PowerSeen event) {
      new ThermalController(builder, limits).powerSeen(event);
    }

    @Override
    public void on(Event.PowerSwitched event) {
      new ThermalController(builder, limits).powerSwitched(event);
    }

    @Override
    public void on(Event.HealthDue event) {
      builder.runtime = builder.runtime.withDispatchPaused(false);
      age();
      builder.resync();
    }

    /** Tells the ledger that time has passed, now and then; it costs a flush of the disk. */
    private void age() {
      Optional<Duration> since = builder.runtime.agedAt();
      if (since.isEmpty()) {
        builder.runtime = builder.runtime.withAgedAt(builder.uptime);
        return;
      }
      Duration passed = builder.uptime.minus(since.get());
      if (passed.compareTo(AGEING) >= 0) {
        builder.change(new Change.TimePassed(passed));
        builder.runtime = builder.runtime.withAgedAt(builder.uptime);
      }
    }

    private void lookAt(String id) {
      if (builder.runtime.managerUp()) {
        state.find(id).filter(experiment -> experiment.state().isActive()).ifPresent(builder::look);
      }
    }

    private void reconcile(Observation seen, boolean rebooted) {
      Optional<Experiment> found =
          state.find(seen.id()).filter(experiment -> experiment.state().isActive());
      if (found.isEmpty()) {
        return;
      }
      Experiment experiment = found.get();
      if (!rebooted && !experiment.equals(seen.experiment())) {
        // What was seen may be older than what is known by now.
        builder.look(experiment);
        return;
      }
      Reconciler.reconcile(builder, experiment, seen, rebooted);
    }

    private static boolean isStopping(Experiment experiment) {
      return experiment.phase() instanceof Phase.Stopping;
    }

    private Optional<Experiment> find(long ticket, String id, String verb) {
      Optional<Experiment> found = state.find(id);
      if (found.isEmpty()) {
        refuse(
            ticket,
            Answer.Kind.UNKNOWN_ID,
            "cannot " + verb + " '" + id + "': no experiment of that id is queued or running");
      }
      return found;
    }

    private void refuse(long ticket, Answer.Kind kind, String why) {
      builder.reply(ticket, new Answer.Refused(kind, why));
    }
  }
}
