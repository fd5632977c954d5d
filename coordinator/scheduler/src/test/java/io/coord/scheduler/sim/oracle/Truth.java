package io.coord.scheduler.sim.oracle;

import io.coord.systemd.ExitRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What has really happened, as the simulated machine knows it. */
public interface Truth {

  /**
   * One run, as it really was.
   *
   * @param exit what it left behind; empty if it could leave nothing
   * @param wentDown whether it ended because the machine went down
   * @param stray whether a signal ended it that somebody sent to its process
   */
  record TrueRun(
      String id,
      String invocation,
      Instant began,
      Optional<ExitRecord> exit,
      boolean wentDown,
      boolean stray) {

    /** The same run at its end. */
    public TrueRun ended(ExitRecord left, boolean machineGoesDown, boolean byAStray) {
      return new TrueRun(id, invocation, began, Optional.of(left), machineGoesDown, byAStray);
    }

    /** The same run, without a record. */
    public TrueRun wentDownWithoutARecord() {
      return new TrueRun(id, invocation, began, exit, true, false);
    }
  }

  /** The ids whose enqueueing was acknowledged. */
  Set<String> acknowledged();

  /** All runs of all experiments. */
  List<TrueRun> runs();

  /**
   * The program of an experiment.
   *
   * @param spec its spec, as stored
   */
  SimulatedProgram program(String spec, String id);

  /** What was asked for, in plain values. */
  Asked asked(String spec);

  /** Whether a unit was stopped without a word to the coordinator, or that word was lost. */
  boolean stoppedOutside(String id);

  /** Whether the service manager was ever killed. */
  boolean wasManagerKilled();

  /** Whether the clock ever showed a wrong time. */
  boolean wasClockChanged();

  /** The present boot. */
  String bootId();

  /** Processes, files and limits that are still there. */
  List<String> leftovers();
}
