package io.coord.persistence;

import java.time.Instant;
import java.util.Optional;

/**
 * One fact to be remembered. A decision is a list of these; the ledger stores the list as a whole
 * or not at all, and the coordinator's state is what they add up to.
 */
public sealed interface Change {

  /** The experiment after this change; unchanged if the change is not about it. */
  Experiment appliedTo(Experiment experiment);

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
  record Moved(String id, Phase from, Phase to, boolean front, Instant at, String reason)
      implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return new Experiment(
          e.id(),
          e.sequence(),
          e.priority(),
          e.owner(),
          e.spec(),
          e.ramBytes(),
          e.enqueuedAt(),
          to,
          reason,
          at,
          front,
          e.runs(),
          e.crashes(),
          e.interruptions(),
          e.recordsSeen(),
          e.progress());
    }
  }

  /** A run was seen to begin. */
  record RunStarted(String id, int number, String invocation, Instant at) implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return counted(e, number, e.crashes(), e.interruptions(), e.recordsSeen(), e.progress());
    }
  }

  /**
   * A run ended. Counts a crash or an interruption, and sets how many exit records are accounted
   * for.
   */
  record RunEnded(String id, String invocation, Instant at, RunEnd end, int recordsSeen)
      implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      int crash = end.kind() == RunEnd.Kind.CRASH ? 1 : 0;
      int interruption = end.kind() == RunEnd.Kind.INTERRUPTION ? 1 : 0;
      return counted(
          e,
          e.runs(),
          e.crashes() + crash,
          e.interruptions() + interruption,
          recordsSeen,
          e.progress());
    }
  }

  /** The experiment reported how far it has come. */
  record Progressed(String id, Progress progress, Instant at) implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return counted(
          e, e.runs(), e.crashes(), e.interruptions(), e.recordsSeen(), Optional.of(progress));
    }
  }

  /** The coordinator saw this boot of the machine; compared at the next start. */
  record BootSeen(String bootId, Instant at) implements Change {
    @Override
    public Experiment appliedTo(Experiment experiment) {
      return experiment;
    }
  }

  private static Experiment counted(
      Experiment e,
      int runs,
      int crashes,
      int interruptions,
      int recordsSeen,
      Optional<Progress> progress) {
    return new Experiment(
        e.id(),
        e.sequence(),
        e.priority(),
        e.owner(),
        e.spec(),
        e.ramBytes(),
        e.enqueuedAt(),
        e.phase(),
        e.reason(),
        e.since(),
        e.front(),
        runs,
        crashes,
        interruptions,
        recordsSeen,
        progress);
  }
}
