package io.coord.thermal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Doubts steps that no die can make: such a reading counts only if the next one agrees with it.
 * Immutable.
 *
 * <p>Zones of one die warm each other. If all others stay where they are, the readings must agree
 * for {@link #CONTRADICTED}.
 */
final class WildSteps {

  static final WildSteps NONE = new WildSteps(new TreeMap<>(), new TreeMap<>(), List.of());

  /** In degrees: what load that begins does between two readings, and for each second more. */
  private static final double STEP = 15;

  private static final double STEP_PER_SECOND = 4;

  /** How near two readings agree, in degrees. */
  private static final double AGREES = 10;

  /** For how long a zone must be believed against all others of its die. */
  private static final Duration CONTRADICTED = Duration.ofSeconds(3);

  /** So far above all others, the first reading is doubted as well. */
  private static final double FIRST_ABOVE_OTHERS = 25;

  /** How many others it takes. */
  private static final int WITNESSES = 2;

  private record Seen(ZoneReading reading, Duration at) {
    double degrees() {
      return WildSteps.degrees(reading);
    }
  }

  private final SortedMap<String, Seen> believed;
  private final SortedMap<String, Seen> doubted;
  private final List<ZoneReading> readings;

  private WildSteps(
      SortedMap<String, Seen> believed,
      SortedMap<String, Seen> doubted,
      List<ZoneReading> readings) {
    this.believed = believed;
    this.doubted = doubted;
    this.readings = readings;
  }

  /** The state after one reading of all zones. */
  WildSteps with(List<ZoneReading> now, Duration uptime) {
    List<ZoneReading> deciding =
        now.stream()
            .filter(zone -> ZoneSelection.decides(zone.type()) && zone.temperature().isPresent())
            .toList();
    SortedMap<String, Seen> believing = new TreeMap<>(believed);
    SortedMap<String, Seen> doubting = new TreeMap<>();
    List<ZoneReading> shown = new ArrayList<>();
    for (ZoneReading zone : now) {
      if (!deciding.contains(zone)) {
        shown.add(zone);
        continue;
      }
      Seen seen = new Seen(zone, uptime);
      Seen doubt = wild(zone, deciding, uptime) ? doubtAbout(zone, deciding, uptime) : null;
      if (doubt == null) {
        believing.put(key(zone), seen);
        shown.add(zone);
      } else {
        doubting.put(key(zone), doubt);
        shown.add(inDoubt(zone));
      }
    }
    return new WildSteps(believing, doubting, List.copyOf(shown));
  }

  /** The doubt that remains; null if the reading is confirmed. */
  private @Nullable Seen doubtAbout(ZoneReading zone, List<ZoneReading> deciding, Duration uptime) {
    Seen doubt = doubted.get(key(zone));
    if (doubt == null || Math.abs(degrees(zone) - doubt.degrees()) > AGREES) {
      return new Seen(zone, uptime);
    }
    boolean longEnough =
        !contradicted(zone, deciding, uptime)
            || uptime.minus(doubt.at()).compareTo(CONTRADICTED) >= 0;
    return longEnough ? null : doubt;
  }

  private boolean wild(ZoneReading zone, List<ZoneReading> deciding, Duration uptime) {
    Seen before = believed.get(key(zone));
    if (before == null) {
      return deciding.size() > WITNESSES
          && deciding.stream()
              .filter(other -> !other.name().equals(zone.name()))
              .allMatch(other -> degrees(zone) > degrees(other) + FIRST_ABOVE_OTHERS);
    }
    double seconds = Math.max(0, uptime.minus(before.at()).toMillis() / 1000.0);
    return Math.abs(degrees(zone) - before.degrees()) > STEP + STEP_PER_SECOND * seconds;
  }

  /** Whether there are others and none of them made a wild step, too. */
  private boolean contradicted(ZoneReading zone, List<ZoneReading> deciding, Duration uptime) {
    return deciding.size() > WITNESSES
        && deciding.stream()
            .noneMatch(other -> !other.name().equals(zone.name()) && wild(other, deciding, uptime));
  }

  /** Until it is confirmed, the reading before stands. */
  private ZoneReading inDoubt(ZoneReading zone) {
    Seen before = believed.get(key(zone));
    return before != null
        ? before.reading()
        : ZoneReading.offline(
            zone.name(), zone.type(), "reads " + shown(zone) + " against all others; read again");
  }

  private static String shown(ZoneReading zone) {
    return zone.temperature().orElseThrow().exact();
  }

  /** The readings, with the one before in place of one that is doubted. */
  List<ZoneReading> readings() {
    return readings;
  }

  /** Whether the zones are to be read again at once. */
  boolean doubts() {
    return !doubted.isEmpty();
  }

  private static String key(ZoneReading zone) {
    return zone.name() + " " + zone.type();
  }

  private static double degrees(ZoneReading zone) {
    return zone.temperature().orElseThrow().degrees();
  }
}
