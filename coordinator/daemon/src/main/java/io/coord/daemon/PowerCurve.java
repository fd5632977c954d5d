package io.coord.daemon;

import io.coord.thermal.Reading;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The power of the board over the last readings, with straight lines between them. */
final class PowerCurve {

  /** Some minutes of readings; a span is measured soon after it has ended. */
  private static final int MAX_SAMPLES = 256;

  private final Deque<Sample> samples = new ArrayDeque<>();

  private record Sample(Duration at, Reading<Long> milliwatts) {}

  /** Adds a reading; later than all before. */
  synchronized void add(Duration uptime, Reading<Long> milliwatts) {
    samples.addLast(new Sample(uptime, milliwatts));
    if (samples.size() > MAX_SAMPLES) {
      samples.removeFirst();
    }
  }

  /**
   * The mean over a time, in milliwatts; before the first and after the last reading, that one
   * counts. Empty if one of the readings that it takes is missing.
   */
  synchronized OptionalInt mean(Duration from, Duration to) {
    List<Duration> times = new ArrayList<>(List.of(from));
    samples.stream()
        .map(Sample::at)
        .filter(at -> at.compareTo(from) > 0 && at.compareTo(to) < 0)
        .forEach(times::add);
    times.add(to);
    double sum = 0;
    for (int i = 1; i < times.size(); i++) {
      Optional<Double> begin = at(times.get(i - 1));
      Optional<Double> end = at(times.get(i));
      if (begin.isEmpty() || end.isEmpty()) {
        return OptionalInt.empty();
      }
      sum += (begin.get() + end.get()) / 2 * times.get(i).minus(times.get(i - 1)).toNanos();
    }
    double mean = sum / Math.max(1, to.minus(from).toNanos());
    return OptionalInt.of((int) Math.round(Math.min(Integer.MAX_VALUE, mean)));
  }

  private Optional<Double> at(Duration time) {
    Sample before = null;
    Sample after = null;
    for (Sample sample : samples) {
      if (sample.at().compareTo(time) <= 0) {
        before = sample;
      } else {
        after = sample;
        break;
      }
    }
    if (before == null || after == null) {
      return Optional.ofNullable(before == null ? after : before)
          .flatMap(only -> only.milliwatts().value().map(Long::doubleValue));
    }
    Optional<Double> first = before.milliwatts().value().map(Long::doubleValue);
    Optional<Double> second = after.milliwatts().value().map(Long::doubleValue);
    if (first.isEmpty() || second.isEmpty() || before.at().equals(time)) {
      return before.at().equals(time) ? first : Optional.empty();
    }
    double part =
        (double) time.minus(before.at()).toNanos() / after.at().minus(before.at()).toNanos();
    return Optional.of(first.get() + (second.get() - first.get()) * part);
  }
}
