package io.coord.scheduler.executor;

import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.ExperimentUnits;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.systemd.ServiceManager;
import io.coord.systemd.SliceStatus;
import io.coord.systemd.Slices;
import io.coord.systemd.SystemdException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what must never wait: stop, kill, throttle, freeze and thaw. Each is one or a few
 * calls to the service manager; no file is read, and units are neither loaded nor reloaded.
 *
 * <p>For the tasks of the urgent lane, unless a method says more.
 */
final class UrgentExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(UrgentExecutor.class);

  private static final int SIGKILL = 9;

  private final ServiceManager manager;
  private final CallsUnderWay calls;
  private final Consumer<Event> post;

  private volatile long throttlesCarriedOut;

  UrgentExecutor(ServiceManager manager, CallsUnderWay calls, Consumer<Event> post) {
    this.manager = manager;
    this.calls = calls;
    this.post = post;
  }

  /** Stops a unit; nothing if its stop is under way. */
  void stop(String id) {
    if (calls.stopAsked(id)) {
      sendStop(id);
    }
  }

  /** Stops a unit also if a stop is under way, which may have come before the start. */
  void stopAgain(String id) {
    calls.stopAsked(id);
    sendStop(id);
  }

  private void sendStop(String id) {
    manager
        .stop(ExperimentUnits.unitOf(id))
        .whenComplete(
            (result, problem) -> {
              calls.stopEnded(id);
              if (problem == null) {
                post.accept(new Event.UnitChanged(id));
              } else {
                LOG.warn("{}; retried at the next health check", problem.getMessage());
              }
            });
  }

  void kill(String id) {
    try {
      manager.kill(ExperimentUnits.unitOf(id), SIGKILL);
    } catch (SystemdException e) {
      LOG.warn(
          "{}; its no-progress limit is checked again at the next health check", e.getMessage());
    }
  }

  void forgetStarts(String id) {
    try {
      manager.forgetStarts(ExperimentUnits.unitOf(id));
    } catch (SystemdException e) {
      LOG.warn("{}; the last start counts towards its restart limit", e.getMessage());
    }
  }

  /** The last means of an emergency stop. Thawed, the processes leave exit records. */
  void killAll(String id) {
    try {
      manager.killAll(ExperimentUnits.unitOf(id), SIGKILL);
    } catch (SystemdException e) {
      LOG.warn("{}; retried at the next reading of the zones", e.getMessage());
    }
  }

  void setThrottle(Effect.SetThrottle effect) {
    SliceThrottle throttle = effect.throttle();
    Slices slices = manager.slices();
    try {
      slices.limitProcessor(ExperimentUnits.SLICE, throttle.percentOfOneCore());
      // Asked once: this runs with each reading while it is hot, and asking costs a call.
      boolean freezes = slices.canFreeze();
      if (throttle.frozen()) {
        slices.freeze(ExperimentUnits.SLICE);
      } else if (freezes) {
        slices.thaw(ExperimentUnits.SLICE);
      }
      post.accept(seen(slices.status(ExperimentUnits.SLICE), freezes, effect.number()));
    } catch (SystemdException e) {
      LOG.warn("{}; retried at the next reading of the zones", e.getMessage());
    } finally {
      // Also if it fails: what is in force is read anyway. INVARIANT: after the last call, or what
      // another thread has read before it would count as its result.
      throttlesCarriedOut = effect.number();
    }
  }

  /** The number of the last setting that has ended. For any thread. */
  long throttlesCarriedOut() {
    return throttlesCarriedOut;
  }

  /**
   * What the slice shows.
   *
   * @param carriedOut the number of the last setting that had ended before the slice was read
   */
  static Event.ThrottleSeen seen(SliceStatus slice, boolean freezes, long carriedOut) {
    return new Event.ThrottleSeen(
        new SliceThrottle(slice.processorPercent(), slice.frozen()), freezes, carriedOut);
  }
}
