package io.coord.scheduler.core.state;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of single experiments that do not go on as they should, by id.
 *
 * @param killed why a run was killed: it made no progress
 * @param setAside why an experiment could not be processed; it is to be held
 * @param unreadable when exit records that cannot be read are tried again
 * @param verifications for each experiment whose claim of success waits, where that stands
 */
public record ExperimentTroubles(
    SortedMap<String, String> killed,
    SortedMap<String, String> setAside,
    SortedMap<String, DispatchState.Retry> unreadable,
    SortedMap<String, PendingVerification> verifications) {
  /** All go on. */
  static final ExperimentTroubles NONE =
      new ExperimentTroubles(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
}
