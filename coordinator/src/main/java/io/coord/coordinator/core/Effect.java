package io.coord.coordinator.core;

import io.coord.persistence.Experiment;
import io.coord.runner.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Something that is to be done, after the changes of the same decision are stored. */
public sealed interface Effect {

  /**
   * Start the experiment's unit. Comes back as {@link Event.StartAnswered} or {@link
   * Event.DispatchFailed}.
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
  record Look(Experiment experiment, Optional<Spec> spec) implements Effect {}

  /**
   * Look at everything at once. Comes back as {@link Event.Surveyed} or {@link Event.ManagerLost}.
   */
  record Survey(List<Look> looks) implements Effect {
    public Survey {
      looks = List.copyOf(looks);
    }
  }

  /** Tell the experiment's next run how it stands. */
  record UpdateContext(Experiment experiment) implements Effect {}

  /** Let go of the experiment's unit and remove the files of its instance. */
  record Release(String id) implements Effect {}

  /** Kill the experiment's run, which then counts as a crash and comes back. */
  record Kill(String id) implements Effect {}

  /** Answer a caller. */
  record Reply(long ticket, Answer answer) implements Effect {}
}
