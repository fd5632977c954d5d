package io.coord.scheduler.core.event;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Schedule;
import io.coord.persistence.Submission;
import io.coord.runner.CompletionResult;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.DiskShortage;
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
import java.util.OptionalInt;
import java.util.SortedMap;

/** Something that happened. */
public sealed interface Event {

  /** Passes this event to the handler's method for its kind. */
  void deliverTo(Handler handler);

  /** One method for each kind of event. */
  interface Handler {
    void on(AdmissionDue event);

    void on(ManagerFound event);

    void on(Resynced event);

    void on(StrayFound event);

    void on(ManagerLost event);

    void on(EnqueueAsked event);

    void on(StopAsked event);

    void on(HoldAsked event);

    void on(ReleaseAsked event);

    void on(AutostartAsked event);

    void on(DrainAsked event);

    void on(GroupReleaseAsked event);

    void on(SchedulesDue event);

    void on(ScheduleAsked event);

    void on(UnscheduleAsked event);

    void on(UnitChanged event);

    void on(Observed event);

    void on(Verified event);

    void on(StartAnswered event);

    void on(DispatchFailed event);

    void on(DispatchForbidden event);

    void on(ZonesRead event);

    void on(TargetSeen event);

    void on(ThrottleSeen event);

    void on(GpuSeen event);

    void on(PowerSeen event);

    void on(PowerSwitched event);

    void on(DiskSeen event);

    void on(HealthDue event);
  }

  /** More experiments may start, or end without a start, than one turn of the loop has handled. */
  record AdmissionDue() implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** The service manager can be reached, at the start or again. */
  record ManagerFound() implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * Everything was observed, after a start of the coordinator or a time without the manager.
   *
   * @param bootId the present boot of the machine
   * @param observations one for each active experiment
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
   * The state of the target of all experiments; comes before the observations made with it.
   *
   * @param stopping whether it is being stopped, or was and is not started again
   */
  record TargetSeen(boolean stopping) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * A unit is up that may be unknown here, and was prepared by a coordinator; comes after the
   * comparison that found it.
   *
   * @param submission of the experiment that it runs, without its requirements
   * @param specText its spec as it was stored
   * @param spec the same, checked
   */
  record StrayFound(String unit, Submission submission, String specText, Spec spec)
      implements Event {
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
   * A user enqueues an experiment.
   *
   * @param ticket names the caller, who gets one {@link RequestOutcome}
   * @param specText the request as it is stored
   * @param spec the same, checked
   * @param owner the user who asks
   * @param ended the dependencies that have ended, and how; empty where that is no longer known
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

  /** A user stops an experiment permanently. */
  record StopAsked(long ticket, String id, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** A user holds a queued experiment. */
  record HoldAsked(long ticket, String id, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** A user releases a held experiment. */
  record ReleaseAsked(long ticket, String id, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** A user sets whether an experiment starts automatically after a boot. */
  record AutostartAsked(long ticket, String id, boolean autostart, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** An operator drains or resumes the queue. */
  record DrainAsked(long ticket, boolean draining, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** An operator releases a held group. */
  record GroupReleaseAsked(long ticket, String group, String by) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** The time of a schedule has come, or the wall clock may have been set. */
  record SchedulesDue() implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * A user adds a schedule.
   *
   * @param ended the dependencies that have ended, and how; empty where that is no longer known
   */
  record ScheduleAsked(
      long ticket, Schedule schedule, Spec spec, SortedMap<String, Optional<ExperimentState>> ended)
      implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** A user removes a schedule. */
  record UnscheduleAsked(long ticket, String id, String by, boolean operator) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** systemd reports a change of an experiment's unit. */
  record UnitChanged(String id) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** A unit was observed. */
  record Observed(Observation observation) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * A claim of success was looked at again.
   *
   * @param experiment as it was when the look was asked for
   */
  record Verified(Experiment experiment, CompletionResult result) implements Event {
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

  /** A dispatch could not be carried out. */
  record DispatchFailed(String id, String why, Fault fault) implements Event {

    /** What a failed dispatch says about the next one. */
    public enum Fault {
      /** It would fail again. */
      LASTING,
      /** The service manager refused it. */
      REFUSED,
      /** It may pass: files cannot be seen now, a disk is full, accounts cannot be looked up. */
      PASSING,
      /** The same, for all experiments of the owner in this working directory. */
      PASSING_FOR_PLACE
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** A dispatch was not carried out because the machine's rules forbid it at present. */
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
   * What holds back the slice of all experiments: at a resync, and after a change.
   *
   * @param freezes whether the service manager can freeze
   * @param carriedOut the number of the last {@code SetThrottle} that was carried out before; 0 if
   *     none was
   */
  record ThrottleSeen(SliceThrottle inForce, boolean freezes, long carriedOut) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * The cap of the GPU's clock was read.
   *
   * @param percent what is in force, 100 for no cap; empty if there is no clock that can be capped
   * @param busy whether the GPU works
   * @param carriedOut the number of the last {@code CapGpu} that had been carried out before
   */
  record GpuSeen(OptionalInt percent, boolean busy, long carriedOut) implements Event {
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
   * A switch of the power mode has ended.
   *
   * @param why as it was asked for
   */
  record PowerSwitched(CurrentMode wanted, String why, SwitchOutcome outcome) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * The free space on the disk has become too little, or enough again.
   *
   * @param shortage empty if there is enough
   */
  record DiskSeen(Optional<DiskShortage> shortage) implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** A health check is due. */
  record HealthDue() implements Event {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }
}
