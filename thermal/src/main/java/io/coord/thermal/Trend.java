package io.coord.thermal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The trend of the temperature, from the last readings. Immutable.
 *
 * @param points the readings that count, oldest first
 */
public record Trend(List<Point> points) {

  /** Before the first reading. */
  public static final Trend NONE = new Trend(List.of());

  /**
   * Long enough to average a sensor's noise of a few tenths of a degree, short compared to the
   * seconds in which a die follows its load.
   */
  private static final Duration WINDOW = Duration.ofSeconds(6);

  /** Below this many degrees per second the temperature is steady. */
  private static final double STEADY = 0.02;

  private static final Duration HORIZON = Duration.ofHours(1);

  /** One reading: how long the machine was up, and what it read. */
  public record Point(Duration uptime, MilliCelsius temperature) {}

  public Trend {
    points = List.copyOf(points);
  }

  /**
   * The trend with one more reading. A reading that is not later than the last starts a new trend,
   * as after a boot.
   */
  public Trend with(Duration uptime, MilliCelsius temperature) {
    List<Point> kept = new ArrayList<>();
    int size = points.size();
    if (size > 0 && points.get(size - 1).uptime().compareTo(uptime) < 0) {
      Duration from = uptime.minus(WINDOW);
      for (int i = 0; i < size; i++) {
        // The last one is always kept: with rare readings there are only two.
        if (i == size - 1 || points.get(i).uptime().compareTo(from) >= 0) {
          kept.add(points.get(i));
        }
      }
    }
    kept.add(new Point(uptime, temperature));
    return new Trend(kept);
  }

  /** The trend since the temperature was last below a limit, without that reading. */
  Trend since(MilliCelsius limit) {
    int from = points.size();
    while (from > 0 && points.get(from - 1).temperature().compareTo(limit) >= 0) {
      from--;
    }
    return new Trend(points.subList(from, points.size()));
  }

  /** In degrees per second, by least squares; 0 if fewer than two readings count. */
  public double degreesPerSecond() {
    if (points.size() < 2) {
      return 0;
    }
    double meanTime = 0;
    double meanDegrees = 0;
    for (Point point : points) {
      meanTime += seconds(point) / points.size();
      meanDegrees += point.temperature().degrees() / points.size();
    }
    double along = 0;
    double spread = 0;
    for (Point point : points) {
      double time = seconds(point) - meanTime;
      along += time * (point.temperature().degrees() - meanDegrees);
      spread += time * time;
    }
    return along / spread;
  }

  /** The mean of the readings that count, in degrees: less noisy than the last; 0 without any. */
  double mean() {
    return points.stream().mapToDouble(p -> p.temperature().degrees()).average().orElse(0);
  }

  /** Seconds after the first point: small numbers, so that no digits are lost. */
  private double seconds(Point point) {
    return point.uptime().minus(points.get(0).uptime()).toMillis() / 1000.0;
  }

  /**
   * The time until a temperature is reached at the present rate; zero if it is reached; empty if it
   * does not rise, or takes over an hour.
   */
  public Optional<Duration> until(MilliCelsius limit) {
    if (points.isEmpty()) {
      return Optional.empty();
    }
    double missing = limit.degrees() - points.get(points.size() - 1).temperature().degrees();
    if (missing <= 0) {
      return Optional.of(Duration.ZERO);
    }
    double slope = degreesPerSecond();
    if (slope < STEADY || missing / slope > HORIZON.toSeconds()) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis(Math.round(1000 * missing / slope)));
  }
}
