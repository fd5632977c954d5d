package io.coord.persistence;

import java.util.Optional;

/**
 * The state of an experiment with the facts that exist in that state only: nothing can be {@link
 * Running} without an invocation.
 */
public sealed interface Phase {

  /** The public state that this phase is shown as. */
  ExperimentState state();

  /** The run that has started and was not seen to end; empty if there is none. */
  default Optional<String> openRun() {
    return Optional.empty();
  }

  /** Waits for admission. */
  record Queued() implements Phase {
    @Override
    public ExperimentState state() {
      return ExperimentState.QUEUED;
    }
  }

  /** Waits for an operator. */
  record Held() implements Phase {
    @Override
    public ExperimentState state() {
      return ExperimentState.HELD;
    }
  }

  /** The intent to start is committed; whether systemd has heard of it is not known yet. */
  record Starting() implements Phase {
    @Override
    public ExperimentState state() {
      return ExperimentState.STARTING;
    }
  }

  /**
   * A run is active.
   *
   * @param invocation systemd's InvocationID of the run, 32 hexadecimal digits
   */
  record Running(String invocation) implements Phase {
    @Override
    public ExperimentState state() {
      return ExperimentState.RUNNING;
    }

    @Override
    public Optional<String> openRun() {
      return Optional.of(invocation);
    }
  }

  /**
   * A run crashed and systemd will start the next one.
   *
   * @param lastInvocation the run that crashed
   */
  record Restarting(String lastInvocation) implements Phase {
    @Override
    public ExperimentState state() {
      return ExperimentState.RESTARTING;
    }
  }

  /** Stopped by heat and waiting until it is cool. */
  record Cooling() implements Phase {
    @Override
    public ExperimentState state() {
      return ExperimentState.COOLING;
    }
  }

  /**
   * The unit was asked to stop.
   *
   * @param goal what the experiment becomes once its unit is down: {@code STOPPED}, {@code COOLING}
   *     or {@code FAILED}
   * @param why the reason for the stop, which becomes the reason of the goal
   * @param invocation the run that has started and was not seen to end; empty if there is none
   */
  record Stopping(ExperimentState goal, String why, Optional<String> invocation) implements Phase {
    @Override
    public ExperimentState state() {
      return ExperimentState.STOPPING;
    }

    @Override
    public Optional<String> openRun() {
      return invocation;
    }
  }

  /**
   * The last run exited with success, and the evidence of that cannot be read yet. No run is open.
   *
   * @param invocation the run that claims success
   * @param otherwise what the experiment becomes if it is not complete: {@code FAILED}, or {@code
   *     QUEUED} or {@code HELD} after a run that somebody had stopped
   * @param why the reason of that
   */
  record Verifying(String invocation, ExperimentState otherwise, String why) implements Phase {
    @Override
    public ExperimentState state() {
      return ExperimentState.VERIFYING;
    }
  }

  /**
   * Done for good.
   *
   * @param state one of the final states
   */
  record Ended(ExperimentState state) implements Phase {
    public Ended {
      if (!state.isFinal()) {
        throw new IllegalArgumentException("not a final state: " + state);
      }
    }
  }
}
