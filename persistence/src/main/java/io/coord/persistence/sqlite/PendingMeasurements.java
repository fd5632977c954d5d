package io.coord.persistence.sqlite;

import io.coord.persistence.Measurement;
import io.coord.persistence.Measurements;
import io.coord.persistence.Tally;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measurements that are not in the file yet. Never more than are kept as they were made, and never
 * of more than some runs: the oldest are dropped. For one thread at a time.
 */
final class PendingMeasurements {

  /** Far more than run within an hour; a run takes some hundred bytes. */
  static final int MAX_RUNS = 1_000;

  private final ArrayDeque<Measurement> seconds = new ArrayDeque<>();
  private final Map<String, Tally> runs = new LinkedHashMap<>();
  private Duration measured = Duration.ZERO;

  void add(Measurement one, Collection<String> running) {
    addSecond(one);
    Tally tally = Tally.of(one);
    running.forEach(invocation -> addRun(invocation, tally));
    measured = measured.plus(one.lasted());
  }

  /** Adds what was gathered after this. */
  void addAll(PendingMeasurements later) {
    later.seconds.forEach(this::addSecond);
    later.runs.forEach(this::addRun);
    measured = measured.plus(later.measured);
  }

  private void addSecond(Measurement one) {
    seconds.addLast(one);
    if (seconds.size() > Measurements.SECONDS_KEPT) {
      seconds.removeFirst();
    }
  }

  private void addRun(String invocation, Tally tally) {
    runs.merge(invocation, tally, Tally::plus);
    if (runs.size() > MAX_RUNS) {
      runs.remove(runs.keySet().iterator().next());
    }
  }

  boolean isEmpty() {
    return seconds.isEmpty();
  }

  /** The measurements, in the order in which they were added. */
  List<Measurement> seconds() {
    return new ArrayList<>(seconds);
  }

  /** What was added up for each run, the one added first first. */
  Map<String, Tally> runs() {
    return runs;
  }

  Optional<Tally> ofRun(String invocation) {
    return Optional.ofNullable(runs.get(invocation));
  }

  /** All time that was measured, also of what was dropped. */
  Duration measured() {
    return measured;
  }
}
