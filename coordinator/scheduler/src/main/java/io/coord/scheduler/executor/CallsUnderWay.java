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

  /** A start that was not sent has no age: whoever prepares it, ends it. */
  private static final int NOT_SENT = -1;

  /** By experiment: how many surveys began since the call. */
  private final Map<String, Integer> starts = new ConcurrentHashMap<>();

  private final Map<String, Integer> stops = new ConcurrentHashMap<>();

  /** A start will be sent, or will end before. */
  void startAsked(String id) {
    starts.put(id, NOT_SENT);
  }

  /** The call was made; its result may be there already. */
  void startSent(String id) {
    starts.replace(id, NOT_SENT, 0);
  }

  void startEnded(String id) {
    starts.remove(id);
  }

  /** The service manager has not answered; the start may still happen, until the next survey. */
  void startUnanswered(String id) {
    starts.replace(id, SURVEYS);
  }

  /**
   * A survey is asked for: calls that are too old are waited for no more. Not when it begins:
   * several that had to wait begin at the same moment.
   */
  void surveyAsked() {
    age(starts);
    age(stops);
  }

  private static void age(Map<String, Integer> calls) {
    calls.replaceAll((id, surveys) -> surveys == NOT_SENT ? surveys : surveys + 1);
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
