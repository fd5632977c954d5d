package io.coord.persistence.sqlite;

import io.coord.persistence.Measurement;
import io.coord.persistence.MeasurementTotals;
import io.coord.persistence.Measurements;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measurements that are not in the file yet. Bounded: beyond {@link Measurements#SECONDS_KEPT}
 * measurements or {@link #MAX_RUNS} runs the oldest are dropped. For one thread at a time.
 */
final class PendingMeasurements {

  /** Far more than run within an hour; a run takes some hundred bytes. */
  static final int MAX_RUNS = 1_000;

  private final ArrayDeque<Measurement> seconds = new ArrayDeque<>();
  private final Map<String, MeasurementTotals> runs = new LinkedHashMap<>();
  private Duration measured = Duration.ZERO;

  void add(Measurement one, Map<String, Double> parts) {
    addSecond(one);
    MeasurementTotals totals = MeasurementTotals.of(one);
    parts.forEach((name, part) -> addRun(name, totals.withEnergy(part)));
    measured = measured.plus(one.lasted());
  }

  /** Adds measurements that were made later. */
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

  private void addRun(String invocation, MeasurementTotals totals) {
    runs.merge(invocation, totals, MeasurementTotals::plus);
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

  /** The totals of each run, in the order in which the runs were added. */
  Map<String, MeasurementTotals> runs() {
    return runs;
  }

  Optional<MeasurementTotals> ofRun(String invocation) {
    return Optional.ofNullable(runs.get(invocation));
  }

  /** All time that was measured, including that of dropped measurements. */
  Duration measured() {
    return measured;
  }
}
