package io.coord.scheduler.core.decision;

import io.coord.persistence.Experiment;
import io.coord.runner.Spec;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.thermal.PowerMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Something that is to be done, after the changes of the same decision are stored. */
public sealed interface Effect {

  /**
   * Start the experiment's unit. Comes back as {@link Event.StartAnswered}, {@link
   * Event.DispatchFailed} or {@link Event.DispatchForbidden}.
   *
   * @param restartLimit how many restarts systemd may make within the spec's interval
   * @param runtimeLeft how long it may run; empty if there is no limit
   */
  record Dispatch(
      Experiment experiment, Spec spec, int restartLimit, Optional<Duration> runtimeLeft)
      implements Effect {}

  /** Stop the experiment's unit. What comes of it is seen by the unit's change. */
  record Stop(String id) implements Effect {}

  /**
   * Look at the experiment's unit and exit records. Comes back as {@link Event.Observed}.
   *
   * @param spec empty if this version cannot read it
   */
  record Observe(Experiment experiment, Optional<Spec> spec) implements Effect {}

  /**
   * Look at everything at once. Comes back as {@link Event.Resynced} or {@link Event.ManagerLost}.
   */
  record Resync(List<Observe> looks) implements Effect {
    public Resync {
      looks = List.copyOf(looks);
    }
  }

  /** Tell the experiment's next run how it stands. */
  record UpdateContext(Experiment experiment) implements Effect {}

  /** Let go of the experiment's unit and remove the files of its instance. */
  record ReleaseUnit(String id) implements Effect {}

  /** Kill the experiment's run, which then counts as a crash and comes back. */
  record Kill(String id) implements Effect {}

  /** Kill all processes of the experiment's run; its stop took too long. */
  record KillAll(String id) implements Effect {}

  /**
   * Hold all experiments back together, or let them go. Comes back as {@link Event.ThrottleSeen}.
   */
  record SetThrottle(SliceThrottle throttle) implements Effect {}

  /**
   * Put the board in another power mode. Comes back as {@link Event.PowerSwitched}.
   *
   * @param to live from the present mode
   */
  record SwitchPowerMode(PowerMode to, String why) implements Effect {}

  /** Read the zones again after this time at the latest. */
  record ReadZonesIn(Duration time) implements Effect {}

  /** Tell people what was done about heat or power, and keep it. */
  record RecordThermalAction(ThermalAction step) implements Effect {}

  /** Answer a caller. */
  record Reply(long ticket, Answer answer) implements Effect {}
}
