package io.coord.scheduler.core;

import io.coord.persistence.Experiment;
import io.coord.scheduler.core.admission.Admission;
import io.coord.scheduler.core.admission.MemoryReservation;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.DecisionBuilder;
import io.coord.scheduler.core.dispatch.Dispatcher;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.reconcile.ClaimVerification;
import io.coord.scheduler.core.reconcile.ObservationHandler;
import io.coord.scheduler.core.reconcile.Resynchronizer;
import io.coord.scheduler.core.request.Enqueuer;
import io.coord.scheduler.core.request.ExperimentRequests;
import io.coord.scheduler.core.request.QueueRequests;
import io.coord.scheduler.core.schedule.CronTimes;
import io.coord.scheduler.core.schedule.ScheduleRequests;
import io.coord.scheduler.core.schedule.Scheduling;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.Timestamps;
import io.coord.scheduler.core.thermal.ThermalController;
import io.coord.systemd.JobResult;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides what follows from an event, by routing it to the class for its subject. Holds nothing but
 * the operator's limits: the same state, event and time always give the same decision.
 */
public final class Decider {
  private final Limits limits;
  private final CronTimes times;

  /**
   * @param times computes when schedules are due
   */
  public Decider(Limits limits, CronTimes times) {
    this.limits = limits;
    this.times = times;
  }

  /** What follows from one event. The state is only read. */
  public Decision decide(State state, Event event, Timestamps now) {
    DecisionBuilder builder = new DecisionBuilder(state, now);
    event.deliverTo(new Router(builder));
    return builder.decision();
  }

  /**
   * The dispatch of the first experiment that may start, or the end of experiments that never can
   * start; empty if there is neither. Ask again after each decision until it is empty.
   */
  public Optional<Decision> admit(State state, Timestamps now) {
    return new Dispatcher(new DecisionBuilder(state, now), limits).next();
  }

  /** The reason for an experiment's present state, as of now. */
  public String why(State state, Experiment experiment, Timestamps now) {
    return reasons(state, now).apply(experiment);
  }

  /**
   * The reasons for the present states of several experiments, as of now. What they have in common
   * is found once; valid until the state changes.
   */
  public Function<Experiment, String> reasons(State state, Timestamps now) {
    return new Admission(state, limits, now)::why;
  }

  /** What an experiment waits for, if only a person can end the wait. */
  public Optional<String> awaitsPerson(State state, Experiment experiment, Timestamps now) {
    return new Admission(state, limits, now).awaitsPerson(experiment);
  }

  /** The memory that is reserved for an experiment that has waited long; empty if none is. */
  public Optional<MemoryReservation> reservation(State state, Timestamps now) {
    return new Admission(state, limits, now).reservation();
  }

  /** When the first schedule is due, which may be past; empty if none is due again. */
  public Optional<Instant> schedulesDueAt(State state) {
    return Scheduling.dueAt(state, times);
  }

  /** When schedules are due. */
  public CronTimes times() {
    return times;
  }

  private final class Router implements Event.Handler {
    private final DecisionBuilder builder;

    Router(DecisionBuilder builder) {
      this.builder = builder;
    }

    private ExperimentRequests experiments() {
      return new ExperimentRequests(builder, limits);
    }

    private QueueRequests queue() {
      return new QueueRequests(builder);
    }

    private ScheduleRequests schedules() {
      return new ScheduleRequests(builder, times);
    }

    private Resynchronizer resync() {
      return new Resynchronizer(builder);
    }

    private ObservationHandler units() {
      return new ObservationHandler(builder);
    }

    private ThermalController thermal() {
      return new ThermalController(builder, limits);
    }

    /** What is decided in any case after an event. */
    @Override
    public void on(Event.AdmissionDue event) {}

    @Override
    public void on(Event.ManagerFound event) {
      builder.resync();
    }

    @Override
    public void on(Event.Resynced event) {
      thermal().compared();
      resync().resynced(event);
    }

    @Override
    public void on(Event.StrayFound event) {
      resync().takeOver(event);
    }

    @Override
    public void on(Event.HealthDue event) {
      new ClaimVerification(builder).lookWhereDue();
      resync().healthDue();
      builder.runtime(
          builder
              .runtime()
              .withWaitsForMemory(
                  new Admission(builder.state(), limits, builder.timestamps()).waitsForMemory()));
    }

    @Override
    public void on(Event.DiskSeen event) {
      builder.runtime(builder.runtime().withDiskShortage(event.shortage()));
    }

    @Override
    public void on(Event.TargetSeen event) {
      builder.runtime(builder.runtime().withTargetStopping(event.stopping()));
    }

    @Override
    public void on(Event.ManagerLost event) {
      builder.runtime(
          builder
              .runtime()
              .withManagerDown("the service manager cannot be reached: " + event.why()));
    }

    @Override
    public void on(Event.EnqueueAsked event) {
      experiments().enqueue(event);
    }

    @Override
    public void on(Event.StopAsked event) {
      experiments().stop(event);
    }

    @Override
    public void on(Event.HoldAsked event) {
      experiments().hold(event);
    }

    @Override
    public void on(Event.ReleaseAsked event) {
      experiments().release(event);
    }

    @Override
    public void on(Event.AutostartAsked event) {
      experiments().setAutostart(event);
    }

    @Override
    public void on(Event.DrainAsked event) {
      queue().drain(event);
    }

    @Override
    public void on(Event.GroupReleaseAsked event) {
      queue().releaseGroup(event);
    }

    @Override
    public void on(Event.SchedulesDue event) {
      new Scheduling(builder, times, new Enqueuer(builder, limits)).fireDue();
    }

    @Override
    public void on(Event.ScheduleAsked event) {
      schedules().add(event);
    }

    @Override
    public void on(Event.UnscheduleAsked event) {
      schedules().remove(event);
    }

    @Override
    public void on(Event.UnitChanged event) {
      units().observe(event.id());
    }

    @Override
    public void on(Event.Observed event) {
      units().observed(event.observation());
    }

    @Override
    public void on(Event.Verified event) {
      new ClaimVerification(builder).verified(event);
    }

    @Override
    public void on(Event.StartAnswered event) {
      // A job that failed may have begun a run all the same, and the run of a job that succeeded
      // may be over: the unit and its records show which. A job whose requirements failed did
      // neither.
      if (event.result() == JobResult.DEPENDENCY) {
        new Dispatcher(builder, limits).requirementFailed(event.id());
        return;
      }
      units().observe(event.id());
    }

    @Override
    public void on(Event.DispatchFailed event) {
      new Dispatcher(builder, limits).failed(event);
    }

    @Override
    public void on(Event.DispatchForbidden event) {
      new Dispatcher(builder, limits).forbidden(event);
    }

    @Override
    public void on(Event.ZonesRead event) {
      thermal().zonesRead(event.summary());
    }

    @Override
    public void on(Event.ThrottleSeen event) {
      thermal().throttleSeen(event);
    }

    @Override
    public void on(Event.GpuSeen event) {
      thermal().gpuSeen(event);
    }

    @Override
    public void on(Event.PowerSeen event) {
      thermal().powerSeen(event);
    }

    @Override
    public void on(Event.PowerSwitched event) {
      thermal().powerSwitched(event);
    }
  }
}
