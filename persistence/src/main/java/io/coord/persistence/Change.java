package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * One fact to be remembered. A decision is a list of these; the ledger stores the list as a whole
 * or not at all, and the coordinator's state is what they add up to.
 */
public sealed interface Change {

  /** The experiment after this change; unchanged if the change is not about it. */
  default Experiment appliedTo(Experiment experiment) {
    return experiment;
  }

  /** A change about one experiment. */
  sealed interface OfExperiment extends Change {
    /** The experiment's id. */
    String id();

    /** {@code experiment} with this change in it; called only for the experiment named. */
    Experiment applied(Experiment experiment);

    @Override
    default Experiment appliedTo(Experiment experiment) {
      return experiment.id().equals(id()) ? applied(experiment) : experiment;
    }
  }

  /** A new experiment. Also writes its first transition row. */
  record Enqueued(Experiment experiment) implements OfExperiment {
    @Override
    public String id() {
      return experiment.id();
    }

    @Override
    public Experiment applied(Experiment before) {
      return experiment;
    }
  }

  /** A step from phase to phase. Writes a transition row if the state differs. */
  record Moved(String id, Phase from, Phase to, boolean resumesFirst, Instant at, String reason)
      implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return e.withStatus(new ExperimentStatus(to, reason, at, resumesFirst));
    }
  }

  /** A run was seen to begin. */
  record RunStarted(String id, int number, String invocation, Instant at) implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return e.withCounts(e.counts().afterStart(number));
    }
  }

  /**
   * A run ended. Counts a crash or an interruption, sets how many exit records are accounted for,
   * and adds up how long the runs took.
   *
   * @param lasted how long it took by a clock that only goes forward, to the millisecond; zero if
   *     nobody saw
   */
  record RunEnded(
      String id, String invocation, Instant at, RunEnd end, int recordsSeen, Duration lasted)
      implements OfExperiment {
    public RunEnded {
      lasted = elapsed(lasted);
    }

    @Override
    public Experiment applied(Experiment e) {
      return e.withCounts(e.counts().afterEnd(this));
    }
  }

  /** The experiment reported how far it has come. */
  record Progressed(String id, Progress progress, Instant at) implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return e.withProgress(progress);
    }
  }

  /** Whether the experiment is to come back by itself after a boot. */
  record AutostartSet(String id, boolean autostart) implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return e.withAutostart(autostart);
    }
  }

  /** The coordinator saw this boot of the machine; compared at the next start. */
  record BootSeen(String bootId, Instant at) implements Change {}

  /**
   * Time has passed, by a clock that only goes forward; the ledger grows older by it. Retention
   * counts in this time ({@link Ledger#prune(Duration, int)}), as a wall clock can jump.
   *
   * @param passed since the last such change, to the millisecond; time of which nobody knows, as
   *     while the machine was off, is left out
   */
  record TimePassed(Duration passed) implements Change {
    public TimePassed {
      passed = elapsed(passed);
    }
  }

  /**
   * A value is remembered under a name, in place of the one before.
   *
   * @param value empty to forget it
   */
  record Noted(String name, Optional<String> value) implements Change {}

  /** A schedule is made, or stands from now on as given here. */
  record ScheduleSet(Schedule schedule) implements Change {}

  /** A schedule is no more. */
  record ScheduleRemoved(String id) implements Change {}

  /**
   * A schedule fired.
   *
   * @param number what it used; the next one is larger by 1
   */
  record ScheduleFired(String id, int number, Instant at) implements Change {}

  /** A group stands from now on as given here. */
  record GroupSet(GroupState group) implements Change {}

  private static Duration elapsed(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("negative time: " + duration);
    }
    return duration.truncatedTo(ChronoUnit.MILLIS);
  }
}
