package io.coord.scheduler.executor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The calls to the service manager that have no result yet, by experiment. Threads may share it.
 *
 * <p>No wait for a result is without end: an answer may be lost. The time is counted in surveys,
 * one for each health check, and a call that is older than {@link #SURVEYS} is asked about no more:
 * by then the service manager has carried it out, or shows its job, or never will.
 */
final class CallsUnderWay {
  /** At least one whole interval between two health checks. */
  private static final int SURVEYS = 2;

  /** By experiment: how many surveys began since the call. */
  private final Map<String, Integer> starts = new ConcurrentHashMap<>();

  private final Map<String, Integer> stops = new ConcurrentHashMap<>();

  void startAsked(String id) {
    starts.put(id, 0);
  }

  void startEnded(String id) {
    starts.remove(id);
  }

  /** The service manager has not answered; the start may still happen, until the next survey. */
  void startUnanswered(String id) {
    starts.replace(id, SURVEYS);
  }

  /** A survey begins: calls that are too old are waited for no more. */
  void surveyBegins() {
    age(starts);
    age(stops);
  }

  private static void age(Map<String, Integer> calls) {
    calls.replaceAll((id, surveys) -> surveys + 1);
    calls.values().removeIf(surveys -> surveys > SURVEYS);
  }

  /** Whether this stop is the only one. */
  boolean stopAsked(String id) {
    return stops.putIfAbsent(id, 0) == null;
  }

  void stopEnded(String id) {
    stops.remove(id);
  }

  /** Whether an observation of the experiment's unit may be outdated before it is used. */
  boolean any(String id) {
    return starts.containsKey(id) || stops.containsKey(id);
  }
}
