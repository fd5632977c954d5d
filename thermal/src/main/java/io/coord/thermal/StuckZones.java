package io.coord.thermal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds zones that always read the same while others move: sensors that are stuck. Immutable.
 *
 * <p>A stuck zone that reads little does no harm, as the hottest decides; one that reads much would
 * stop a cool machine for ever. Only zones that decide are watched, and one is never left out if no
 * other moves: then it may be right.
 */
public final class StuckZones {

  /** Nothing was read yet. */
  public static final StuckZones NONE = new StuckZones(new TreeMap<>());

  /** Two sensors of one die do not differ for so long. */
  private static final Duration LONG = Duration.ofMinutes(5);

  /** In degrees; far more than a sensor's noise. */
  private static final double MOVED = 8;

  /** The watch on one zone since its value last changed: that value, and what it has seen. */
  private record Watch(
      MilliCelsius value, Duration since, MilliCelsius lowest, MilliCelsius highest) {}

  private final SortedMap<String, Watch> watches;

  private StuckZones(SortedMap<String, Watch> watches) {
    this.watches = watches;
  }

  /** The same after one reading of all zones. */
  public StuckZones with(List<ZoneReading> readings, Duration uptime) {
    SortedMap<String, Watch> next = new TreeMap<>();
    for (ZoneReading reading : readings) {
      Watch watch = watches.get(reading.name());
      if (!ZoneSelection.decides(reading.type()) || reading.temperature().isEmpty()) {
        if (watch != null) {
          // A zone that is gated now and then can be stuck as well.
          next.put(reading.name(), watch);
        }
        continue;
      }
      MilliCelsius value = reading.temperature().get();
      if (watch == null || !watch.value().equals(value) || uptime.compareTo(watch.since()) < 0) {
        watch = new Watch(value, uptime, value, value);
      }
      next.put(reading.name(), watch);
    }
    // What the others have read while this one stood still.
    for (Map.Entry<String, Watch> entry : next.entrySet()) {
      Watch watch = entry.getValue();
      Watch before = watches.get(entry.getKey());
      boolean fresh = before == null || !before.since().equals(watch.since());
      MilliCelsius lowest = fresh ? new MilliCelsius(Integer.MAX_VALUE) : watch.lowest();
      MilliCelsius highest = fresh ? new MilliCelsius(Integer.MIN_VALUE) : watch.highest();
      for (ZoneReading other : readings) {
        if (!other.name().equals(entry.getKey())
            && ZoneSelection.decides(other.type())
            && other.temperature().isPresent()) {
          MilliCelsius seen = other.temperature().get();
          lowest = seen.compareTo(lowest) < 0 ? seen : lowest;
          highest = seen.compareTo(highest) > 0 ? seen : highest;
        }
      }
      entry.setValue(new Watch(watch.value(), watch.since(), lowest, highest));
    }
    return new StuckZones(next);
  }

  /** The readings, with those of stuck zones made offline and named as stuck. */
  public List<ZoneReading> without(List<ZoneReading> readings, Duration uptime) {
    List<ZoneReading> rest = new ArrayList<>();
    for (ZoneReading reading : readings) {
      Watch watch = watches.get(reading.name());
      rest.add(
          watch != null && reading.temperature().isPresent() && isStuck(watch, uptime)
              ? ZoneReading.offline(
                  reading.name(),
                  reading.type(),
                  "stuck: reads %s for %d min while others moved by %d °C"
                      .formatted(
                          watch.value().exact(),
                          uptime.minus(watch.since()).toMinutes(),
                          Math.round(watch.highest().degrees() - watch.lowest().degrees())))
              : reading);
    }
    return rest;
  }

  private static boolean isStuck(Watch watch, Duration uptime) {
    return uptime.minus(watch.since()).compareTo(LONG) >= 0
        && watch.highest().degrees() - watch.lowest().degrees() >= MOVED;
  }
}
