package io.coord.scheduler.executor;

import io.coord.scheduler.core.decision.Effect;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The starts that were asked for and have not been sent to the service manager, by experiment.
 * Threads may share it; no method waits for more than another one of them.
 *
 * <p>A stop never waits for the thread that prepares a start, and never loses against it: a start
 * that was not sent is canceled, and one that is being sent is followed by another stop.
 */
final class PendingStarts {
  /** As for calls to the service manager: at least one whole interval between health checks. */
  private static final int SURVEYS = 2;

  private enum Stage {
    /** In the queue of the executor. */
    ASKED,
    /** Waits for the look at files of its owner. */
    LOOKING,
    /** Its files are being written. */
    PREPARING,
    /** The call may reach the service manager at any moment. */
    SENDING
  }

  /** One start. Its state is guarded by the object that created it. */
  static final class Start {
    private final Effect.Dispatch dispatch;
    private Stage stage = Stage.ASKED;
    private int surveys;
    private boolean stopAsked;

    private Start(Effect.Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    Effect.Dispatch dispatch() {
      return dispatch;
    }

    private String id() {
      return dispatch.experiment().id();
    }
  }

  private final Map<String, Start> starts = new HashMap<>();

  /** Adds a start, in place of an earlier one of the same experiment. */
  synchronized Start add(Effect.Dispatch dispatch) {
    Start start = new Start(dispatch);
    starts.put(start.id(), start);
    return start;
  }

  /** Whether the look before the start may begin: it was not canceled. */
  synchronized boolean beginLook(Start start) {
    return advance(start, Stage.ASKED, Stage.LOOKING);
  }

  /** Ends the wait for the look; false if it was not waited for any more. */
  synchronized boolean endLook(Start start) {
    return advance(start, Stage.LOOKING, Stage.PREPARING);
  }

  /** Whether the start may be sent now: it was not canceled. */
  synchronized boolean beginSending(Start start) {
    return advance(start, Stage.PREPARING, Stage.SENDING);
  }

  /**
   * Ends a start that was sent, or that failed before.
   *
   * @return whether a stop was asked for while it was being sent, which may have been carried out
   *     before the start
   */
  synchronized boolean end(Start start) {
    return starts.remove(start.id(), start) && start.stopAsked;
  }

  private boolean advance(Start start, Stage from, Stage to) {
    if (!isPending(start) || start.stage != from) {
      return false;
    }
    start.stage = to;
    return true;
  }

  private boolean isPending(Start start) {
    return Optional.ofNullable(starts.get(start.id())).filter(start::equals).isPresent();
  }

  /**
   * Cancels the start of an experiment if it was not sent.
   *
   * @return whether there was one; it does not happen
   */
  synchronized boolean cancel(String id) {
    Start start = starts.get(id);
    if (start == null) {
      return false;
    }
    if (start.stage == Stage.SENDING) {
      start.stopAsked = true;
      return false;
    }
    starts.remove(id);
    return true;
  }

  /** A survey begins: the starts whose looks are to be waited for no longer. */
  synchronized List<Start> overdue() {
    List<Start> looking =
        starts.values().stream().filter(start -> start.stage == Stage.LOOKING).toList();
    looking.forEach(start -> start.surveys++);
    return looking.stream().filter(start -> start.surveys > SURVEYS).toList();
  }
}
