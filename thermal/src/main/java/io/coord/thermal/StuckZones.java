package io.coord.thermal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds stuck sensors: zones that always read the same while others change. Immutable.
 *
 * <p>A stuck zone with a low reading is harmless because the hottest zone decides; one with a high
 * reading would stop a cool machine permanently. Only deciding zones are checked, and none is
 * excluded while no other zone changes: then it may be right.
 */
public final class StuckZones {

  /** Before the first reading. */
  public static final StuckZones NONE = new StuckZones(new TreeMap<>());

  /** How long a zone must be constant. */
  private static final Duration STUCK_TIME = Duration.ofMinutes(5);

  /** How far another zone must have changed, in degrees; far more than the noise of a sensor. */
  private static final double CHANGED = 8;

  /** One zone since its value last changed, with the range of the other zones since then. */
  private record Constant(
      MilliCelsius value, Duration since, MilliCelsius lowest, MilliCelsius highest) {}

  private final SortedMap<String, Constant> constants;

  private StuckZones(SortedMap<String, Constant> constants) {
    this.constants = constants;
  }

  /** The state after one reading of all zones. */
  public StuckZones with(List<ZoneReading> readings, Duration uptime) {
    SortedMap<String, Constant> next = new TreeMap<>();
    for (ZoneReading reading : readings) {
      Constant constant = constants.get(reading.name());
      if (!ZoneSelection.decides(reading.type()) || reading.temperature().isEmpty()) {
        if (constant != null) {
          // A zone that is sometimes powered down can be stuck as well.
          next.put(reading.name(), constant);
        }
        continue;
      }
      MilliCelsius value = reading.temperature().get();
      if (constant == null
          || !constant.value().equals(value)
          || uptime.compareTo(constant.since()) < 0) {
        constant = new Constant(value, uptime, value, value);
      }
      next.put(reading.name(), constant);
    }
    // The range of the other zones while this one was constant.
    for (Map.Entry<String, Constant> entry : next.entrySet()) {
      Constant constant = entry.getValue();
      Constant before = constants.get(entry.getKey());
      boolean fresh = before == null || !before.since().equals(constant.since());
      MilliCelsius lowest = fresh ? new MilliCelsius(Integer.MAX_VALUE) : constant.lowest();
      MilliCelsius highest = fresh ? new MilliCelsius(Integer.MIN_VALUE) : constant.highest();
      for (ZoneReading other : readings) {
        if (!other.name().equals(entry.getKey())
            && ZoneSelection.decides(other.type())
            && other.temperature().isPresent()) {
          MilliCelsius read = other.temperature().get();
          lowest = read.compareTo(lowest) < 0 ? read : lowest;
          highest = read.compareTo(highest) > 0 ? read : highest;
        }
      }
      entry.setValue(new Constant(constant.value(), constant.since(), lowest, highest));
    }
    return new StuckZones(next);
  }

  /** The readings, with stuck zones shown as offline. */
  public List<ZoneReading> without(List<ZoneReading> readings, Duration uptime) {
    List<ZoneReading> rest = new ArrayList<>();
    for (ZoneReading reading : readings) {
      Constant constant = constants.get(reading.name());
      rest.add(
          constant != null && reading.temperature().isPresent() && isStuck(constant, uptime)
              ? ZoneReading.offline(
                  reading.name(),
                  reading.type(),
                  "stuck: constant at %s for %d min while others changed by %d °C"
                      .formatted(
                          constant.value().exact(),
                          uptime.minus(constant.since()).toMinutes(),
                          Math.round(constant.highest().degrees() - constant.lowest().degrees())))
              : reading);
    }
    return rest;
  }

  private static boolean isStuck(Constant constant, Duration uptime) {
    return uptime.minus(constant.since()).compareTo(STUCK_TIME) >= 0
        && constant.highest().degrees() - constant.lowest().degrees() >= CHANGED;
  }
}
