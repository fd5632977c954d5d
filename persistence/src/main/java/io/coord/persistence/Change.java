package io.coord.persistence;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * One fact to be stored. A decision is a list of these; the ledger stores the list as a whole or
 * not at all, and the coordinator's state is what they add up to.
 */
public sealed interface Change {

  /** Hands this change to the method that is for it. */
  void deliverTo(Handler handler);

  /** What is stored, as messages name it, for example {@code experiment 'a'}. */
  String words();

  /** The experiment after this change; unchanged if the change is not about it. */
  default Experiment appliedTo(Experiment experiment) {
    return experiment;
  }

  /** One method for each kind of change. */
  interface Handler {
    void on(Enqueued change);

    void on(Moved change);

    void on(RunStarted change);

    void on(RunEnded change);

    void on(Progressed change);

    void on(RecordsSkipped change);

    void on(AutostartSet change);

    void on(BootSeen change);

    void on(TimePassed change);

    void on(DrainingSet change);

    void on(PowerModeBeforeSet change);

    void on(ThrottledFromSet change);

    void on(ScheduleSet change);

    void on(ScheduleRemoved change);

    void on(ScheduleFired change);

    void on(BreakerSet change);
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

  /**
   * A new experiment. Also writes its first transition row.
   *
   * @param spec the request as JSON text, kept as given
   * @param takenOver whether it was enqueued before, and the ledger has lost it, as with a restore
   *     of a backup: its id may have been used, as long as no experiment has it
   */
  record Enqueued(Experiment experiment, String spec, boolean takenOver) implements OfExperiment {
    /** An experiment that is enqueued now. */
    public Enqueued(Experiment experiment, String spec) {
      this(experiment, spec, false);
    }

    @Override
    public String id() {
      return experiment.id();
    }

    @Override
    public Experiment applied(Experiment before) {
      return experiment;
    }

    /** The size of the spec. */
    public int specBytes() {
      return bytes(spec);
    }

    /** The size of a spec as it is stored. */
    public static int bytes(String spec) {
      return spec.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "experiment '" + id() + "'";
    }
  }

  /** A step from phase to phase. Writes a transition row if the state differs. */
  record Moved(String id, Phase from, Phase to, boolean resumesFirst, Instant at, String reason)
      implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return e.withStatus(new ExperimentStatus(to, reason, at, resumesFirst));
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "the move of '" + id + "' to " + to.state().word();
    }
  }

  /** The start of a run was seen. */
  record RunStarted(String id, int number, String invocation, Instant at) implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return e.withCounts(e.counts().afterStart(number));
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "run " + number + " of '" + id + "'";
    }
  }

  /**
   * A run ended. Counts a crash or an interruption, sets how many exit records are accounted for,
   * and adds up how long the runs took.
   *
   * @param lasted how long it took by a clock that only goes forward, to the millisecond; zero if
   *     that is not known
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

    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "the end of run '" + invocation + "' of '" + id + "'";
    }
  }

  /**
   * The experiment reported how far it has come.
   *
   * @param invocation the run that reported it
   */
  record Progressed(String id, String invocation, Progress progress, Instant at)
      implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return e.withProgress(progress);
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "the progress of '" + id + "'";
    }
  }

  /**
   * Exit records were left out of account, because they contradict each other.
   *
   * @param recordsSeen how many there are by now, those that are accounted for included
   */
  record RecordsSkipped(String id, int recordsSeen) implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      RunCounts counts = e.counts();
      return e.withCounts(
          new RunCounts(
              counts.runs(), counts.crashes(), counts.interruptions(), recordsSeen, counts.ran()));
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "that exit records of '" + id + "' were left out";
    }
  }

  /** Whether the experiment is started again without a request after a boot. */
  record AutostartSet(String id, boolean autostart) implements OfExperiment {
    @Override
    public Experiment applied(Experiment e) {
      return e.withAutostart(autostart);
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "the autostart of '" + id + "'";
    }
  }

  /** The coordinator saw this boot of the machine; compared at the next start. */
  record BootSeen(String bootId, Instant at) implements Change {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "boot '" + bootId + "'";
    }
  }

  /**
   * Time has passed, by a clock that only goes forward; the ledger grows older by it. Retention
   * counts in this time ({@link Ledger#prune}), as a wall clock can jump.
   *
   * @param passed since the last change of this kind, to the millisecond; without time that cannot
   *     be measured, as while the machine is off
   */
  record TimePassed(Duration passed) implements Change {
    public TimePassed {
      passed = elapsed(passed);
    }

    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "the time passed";
    }
  }

  /**
   * The queue drains, or starts experiments again.
   *
   * @param by who asked for it, in words; empty to start experiments again
   */
  record DrainingSet(Optional<String> by) implements Change {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return by.isPresent() ? "that the queue drains" : "that the queue starts experiments";
    }
  }

  /**
   * The coordinator is about to leave this power mode, or has restored it.
   *
   * @param mode the mode to restore; empty once nothing is left to restore
   */
  record PowerModeBeforeSet(Optional<StoredPowerMode> mode) implements Change {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "the power mode to restore";
    }
  }

  /**
   * The coordinator is about to lower the CPU limit of all experiments together, or has restored
   * it.
   *
   * @param limit the limit to restore; empty once nothing is left to restore
   */
  record ThrottledFromSet(Optional<CpuLimit> limit) implements Change {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "the CPU limit to restore";
    }
  }

  /** A schedule is made, or replaced by this one. */
  record ScheduleSet(Schedule schedule) implements Change {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "schedule '" + schedule.id() + "'";
    }
  }

  /** A schedule is removed. */
  record ScheduleRemoved(String id) implements Change {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "the removal of schedule '" + id + "'";
    }
  }

  /**
   * A schedule fired.
   *
   * @param number the number it used; the next is larger by 1
   */
  record ScheduleFired(String id, int number, Instant at) implements Change {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "number " + number + " of schedule '" + id + "'";
    }
  }

  /** A breaker's state is replaced by this one; one that is closed is forgotten. */
  record BreakerSet(BreakerState breaker) implements Change {
    @Override
    public void deliverTo(Handler handler) {
      handler.on(this);
    }

    @Override
    public String words() {
      return "breaker of " + breaker.key();
    }
  }

  private static Duration elapsed(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("negative time: " + duration);
    }
    return duration.truncatedTo(ChronoUnit.MILLIS);
  }
}
