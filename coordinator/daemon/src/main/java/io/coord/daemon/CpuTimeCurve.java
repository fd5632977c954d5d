package io.coord.daemon;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.OptionalDouble;

/** The CPU time of one run over its last readings, with straight lines between and beyond them. */
final class CpuTimeCurve {

  /** Some minutes of readings; a span is measured soon after it has ended. */
  private static final int MAX_READINGS = 512;

  private final Deque<Point> points = new ArrayDeque<>();

  private record Point(Duration at, Duration used) {}

  /** Adds a reading; later than all before. One that is less than that before begins anew. */
  void add(Duration uptime, Duration used) {
    Point last = points.peekLast();
    if (last != null && last.at().compareTo(uptime) >= 0) {
      return;
    }
    if (last != null && last.used().compareTo(used) > 0) {
      points.clear();
    }
    points.addLast(new Point(uptime, used));
    if (points.size() > MAX_READINGS) {
      points.removeFirst();
    }
  }

  /** The CPU time used between two times, in seconds; empty before there are two readings. */
  OptionalDouble seconds(Duration from, Duration to) {
    return points.size() < 2 ? OptionalDouble.empty() : OptionalDouble.of(at(to) - at(from));
  }

  private double at(Duration time) {
    Iterator<Point> each = points.iterator();
    Point before = each.next();
    Point after = each.next();
    while (after.at().compareTo(time) < 0 && each.hasNext()) {
      before = after;
      after = each.next();
    }
    double slope = seconds(after.used().minus(before.used())) / span(before, after);
    return seconds(before.used()) + slope * seconds(time.minus(before.at()));
  }

  private static double span(Point before, Point after) {
    return seconds(after.at().minus(before.at()));
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }
}
