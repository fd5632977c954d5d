package io.coord.scheduler.core.state;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Dispatches that failed.
 *
 * @param failures for each experiment whose last dispatches failed, how many did in a row
 * @param paused whether dispatches wait for the next health check because one failed
 */
public record DispatchState(SortedMap<String, Integer> failures, boolean paused) {
  /** No dispatch has failed. */
  static final DispatchState NONE = new DispatchState(new TreeMap<>(), false);
}
