package io.coord.scheduler.executor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which runs were listened to from their start. Each status text comes as a signal, and systemd
 * keeps the last one only: what a run has reported while nobody listened, and then replaced, is
 * lost. Threads may share it.
 */
final class Hearing {
  /**
   * So many verdicts are remembered; a claim that waits longer cannot be verified by its cycles.
   */
  private static final int MAX_VERDICTS = 1000;

  /** Experiments whose present activation was started, and is listened to since. */
  private final Set<String> fromStart = ConcurrentHashMap.newKeySet();

  /** The last run of each unit that was heard at all. */
  private final Map<String, String> heard = new ConcurrentHashMap<>();

  /** The last run of each unit that has reported progress since it is listened to. */
  private final Map<String, String> progressed = new ConcurrentHashMap<>();

  /** Runs that have ended, by what was decided when their unit was still known. */
  private final Map<String, Boolean> missed =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > MAX_VERDICTS;
        }
      };

  void starts(String id) {
    fromStart.add(id);
  }

  void heard(String id, String invocation, boolean progress) {
    heard.put(id, invocation);
    if (progress) {
      progressed.put(id, invocation);
    }
  }

  void lost() {
    fromStart.clear();
    progressed.clear();
  }

  void released(String id) {
    fromStart.remove(id);
    heard.remove(id);
    progressed.remove(id);
  }

  /**
   * Whether a run may have reported progress that nobody has heard, if the last that it has sent is
   * something else. The same for each look at one run.
   *
   * @param reportsCycles whether the experiment has reported cycles before; of one that has not,
   *     and was heard at some time, nothing is expected
   */
  synchronized boolean mayHaveMissed(String id, String invocation, boolean reportsCycles) {
    return missed.computeIfAbsent(
        invocation,
        run ->
            !fromStart.contains(id)
                && !invocation.equals(progressed.get(id))
                && (reportsCycles || !invocation.equals(heard.get(id))));
  }
}
