package io.coord.scheduler.sim;

import java.util.Map;
import java.util.TreeMap;

/** How often each fault and each state has happened, over many lives. */
final class Counters {
  private final TreeMap<String, Integer> counts = new TreeMap<>();

  void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  void addAll(Counters others) {
    others.counts.forEach((what, count) -> counts.merge(what, count, Integer::sum));
  }

  int of(String what) {
    return counts.getOrDefault(what, 0);
  }

  Map<String, Integer> all() {
    return counts;
  }
}
