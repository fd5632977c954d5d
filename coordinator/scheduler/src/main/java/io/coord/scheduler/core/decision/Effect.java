package io.coord.scheduler.core.decision;

import io.coord.persistence.Experiment;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.thermal.PowerMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Something to do after the changes of the same decision are stored. What comes of it returns as an
 * event.
 */
public sealed interface Effect {

  /** Passes this effect to the handler's method for its kind. */
  void deliverTo(Handler handler);

  /** One method for each kind of effect. */
  interface Handler {
    void on(OnUnits effect);

    void on(SwitchPowerMode effect);

    void on(CapGpu effect);

    void on(ReadZonesIn effect);

    void on(RecordThermalAction effect);

    void on(Reply effect);
  }

  /** An effect on the units of experiments or on their slice. */
  sealed interface OnUnits extends Effect {

    /** Passes this effect to the handler's method for its kind. */
    void deliverTo(UnitHandler handler);

    @Override
    default void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** One method for each kind of effect on units. */
  interface UnitHandler {
    void on(Dispatch effect);

    void on(Stop effect);

    void on(Observe effect);

    void on(Resync effect);

    void on(Verify effect);

    void on(UpdateContext effect);

    void on(ReleaseUnit effect);

    void on(ForgetStarts effect);

    void on(Kill effect);

    void on(KillAll effect);

    void on(SetThrottle effect);
  }

  /**
   * Start the experiment's unit. Returns as {@code StartAnswered}, {@code DispatchFailed} or {@code
   * DispatchForbidden}.
   *
   * @param specText the spec as it is stored
   * @param spec the same, checked
   * @param restartLimit how many restarts systemd may make within the spec's interval
   * @param runtimeLeft how long it may run; empty if there is no limit
   */
  record Dispatch(
      Experiment experiment,
      String specText,
      Spec spec,
      int restartLimit,
      Optional<Duration> runtimeLeft)
      implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /** Stop the experiment's unit. The result is seen when the unit changes. */
  record Stop(String id) implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /**
   * Observe the experiment's unit and exit records. Returns as {@code Observed}.
   *
   * @param spec empty if this version cannot read it
   */
  record Observe(Experiment experiment, Optional<Spec> spec) implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /**
   * Observe all active experiments, and list units and files of others. Returns as {@code Resynced}
   * or {@code ManagerLost}.
   */
  record Resync(List<Observe> looks) implements OnUnits {
    public Resync {
      looks = List.copyOf(looks);
    }

    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /**
   * Verify the claim of success of an experiment's last run. Returns as {@code Verified}.
   *
   * @param patience how long the look may take
   */
  record Verify(Experiment experiment, Spec spec, Duration patience) implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /** Write the context of the experiment's next run: its counts and its last cycle. */
  record UpdateContext(Experiment experiment) implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /** Release the experiment's unit and remove the files of its instance. */
  record ReleaseUnit(String id) implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /** Forget the starts so far: one that a person asked for takes no restart from a crash. */
  record ForgetStarts(String id) implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /** Kill the experiment's run. It counts as a crash, and systemd restarts it. */
  record Kill(String id) implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /** Kill all processes of the experiment's run; its stop took too long. */
  record KillAll(String id) implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /**
   * Throttle or freeze the slice of all experiments. Returns as {@code ThrottleSeen}.
   *
   * @param number larger than that of each one before it
   */
  record SetThrottle(SliceThrottle throttle, long number) implements OnUnits {
    @Override
    public void deliverTo(UnitHandler handler) {
      handler.on(this);
    }
  }

  /**
   * Cap the clock of the GPU. Returns as {@code GpuSeen}.
   *
   * @param percent of the clock without a cap; 100 puts that back
   * @param number larger than that of each one before it
   */
  record CapGpu(int percent, long number) implements Effect {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /**
   * Switch the board to another power mode. Returns as {@code PowerSwitched}.
   *
   * @param to live from the present mode
   */
  record SwitchPowerMode(PowerMode to, String why) implements Effect {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Read the zones again after this time at the latest. */
  record ReadZonesIn(Duration time) implements Effect {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Log and store what was done about heat or power. */
  record RecordThermalAction(ThermalAction step) implements Effect {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }

  /** Reply to a caller. */
  record Reply(long ticket, RequestOutcome answer) implements Effect {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }
  }
}
