package io.coord.scheduler.core.event;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.Schedule;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.systemd.JobResult;
import io.coord.systemd.UnitStatus;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.ZoneSelection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Something that happened. */
public sealed interface Event {

  /** Hands this event to the method that is for it. */
  void deliverTo(Handler handler);

  /** One method for each kind of event. */
  interface Handler {
    void on(ManagerFound event);

    void on(Resynced event);

    void on(ManagerLost event);

    void on(EnqueueAsked event);

    void on(StopAsked event);

    void on(HoldAsked event);

    void on(ReleaseAsked event);

    void on(AutostartAsked event);

    void on(DrainAsked event);

    void on(GroupReleaseAsked event);

    void on(ScheduleAsked event);

    void on(UnscheduleAsked event);

    void on(UnitChanged event);

    void on(Observed event);

    void on(StartAnswered event);

    void on(DispatchFailed event);

    void on(DispatchForbidden event);

    void on(ZonesRead event);

    void on(TargetSeen event);

    void on(ThrottleSeen event);

    void on(PowerSeen event);

    void on(PowerSwitched event);

    void on(HealthDue event);
  }

  /** The service manager can be reached, at the start or again; it must be compared with. */
  record ManagerFound() implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * Everything was looked at, after a start of the coordinator or a time without the manager.
   *
   * @param bootId the present boot of the machine
   * @param observations one for each experiment that holds a slot
   * @param prepared the instances whose files were found
   * @param others units of experiments that are up, other than those observed
   */
  record Resynced(
      String bootId, List<Observation> observations, List<String> prepared, List<UnitStatus> others)
      implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * How the target of all experiments stands; before what is seen of experiments in the same look.
   *
   * @param stopping whether it is being stopped, or was and is not started again
   */
  record TargetSeen(boolean stopping) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** The service manager cannot be reached. */
  record ManagerLost(String why) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * Somebody wants an experiment seen through.
   *
   * @param ticket names the caller, who gets one {@link RequestOutcome}
   * @param specText the request as it is stored
   * @param spec the same, checked
   * @param owner the user who asks
   * @param ended which of the experiments that it waits for are done, and how they ended; empty
   *     where that is no longer known
   */
  record EnqueueAsked(
      long ticket,
      String specText,
      Spec spec,
      String owner,
      SortedMap<String, Optional<ExperimentState>> ended)
      implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Somebody wants an experiment stopped for good. */
  record StopAsked(long ticket, String id, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Somebody wants a queued experiment kept from starting. */
  record HoldAsked(long ticket, String id, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Somebody wants a held experiment back in the queue. */
  record ReleaseAsked(long ticket, String id, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Somebody decides whether an experiment comes back by itself after a boot. */
  record AutostartAsked(long ticket, String id, boolean autostart, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Somebody wants nothing to be started any more, or again. */
  record DrainAsked(long ticket, boolean draining, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Somebody wants a held group to try again. */
  record GroupReleaseAsked(long ticket, String group, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * Somebody wants a spec enqueued again and again.
   *
   * @param ended which of the experiments that it waits for are done, and how they ended; empty
   *     where that is no longer known
   */
  record ScheduleAsked(
      long ticket, Schedule schedule, Spec spec, SortedMap<String, Optional<ExperimentState>> ended)
      implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Somebody wants a schedule gone. */
  record UnscheduleAsked(long ticket, String id, String by, boolean operator) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** systemd says that something about an experiment's unit changed. */
  record UnitChanged(String id) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** What was seen when a {@link Effect.Observe} was carried out. */
  record Observed(Observation observation) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** The start job of a dispatch ended. */
  record StartAnswered(String id, JobResult result) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * A dispatch could not be carried out.
   *
   * @param lasting whether it would fail again, so that trying again is of no use
   */
  record DispatchFailed(String id, String why, boolean lasting) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** A dispatch was not carried out because the machine's rules forbid it, as they are now. */
  record DispatchForbidden(String id, String why) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** The thermal zones were read. */
  record ZonesRead(ZoneSelection.Summary summary) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * What holds all experiments back was looked at: at a comparison of everything, and after it was
   * set.
   *
   * @param freezes whether the service manager can freeze
   */
  record ThrottleSeen(SliceThrottle inForce, boolean freezes) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** The power mode was read. */
  record PowerSeen(PowerState.Reading reading) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * What became of a switch of the power mode.
   *
   * @param why as it was asked for
   */
  record PowerSwitched(CurrentMode wanted, String why, SwitchOutcome outcome) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Time to look at everything again, in case a signal was lost. */
  record HealthDue() implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }
}
