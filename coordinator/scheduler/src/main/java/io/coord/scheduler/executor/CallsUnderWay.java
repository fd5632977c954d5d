package io.coord.scheduler.executor;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The calls to the service manager that have no result yet, by experiment. Threads may share it.
 */
final class CallsUnderWay {
  private final Set<String> starts = ConcurrentHashMap.newKeySet();
  private final Set<String> startsUnanswered = ConcurrentHashMap.newKeySet();
  private final Set<String> stops = ConcurrentHashMap.newKeySet();

  void startAsked(String id) {
    starts.add(id);
  }

  void startEnded(String id) {
    starts.remove(id);
  }

  /** The service manager has not answered; the start may still happen. */
  void startUnanswered(String id) {
    startsUnanswered.add(id);
  }

  /**
   * Forgets the starts without an answer: by now the service manager has carried them out, or shows
   * their jobs, or never will.
   */
  void forgetUnansweredStarts() {
    starts.removeAll(startsUnanswered);
    startsUnanswered.clear();
  }

  /** Whether this stop is the only one. */
  boolean stopAsked(String id) {
    return stops.add(id);
  }

  void stopEnded(String id) {
    stops.remove(id);
  }

  /** Whether an observation of the experiment's unit may be outdated before it is used. */
  boolean any(String id) {
    return starts.contains(id) || stops.contains(id);
  }
}
