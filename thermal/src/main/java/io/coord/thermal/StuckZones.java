package io.coord.thermal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds zones that are stuck, or that contradict the others of their die. Immutable.
 *
 * <p>A stuck zone with a low reading is harmless because the hottest zone decides; one with a high
 * reading would stop a cool machine permanently. Only deciding zones are checked. None is excluded
 * on its own word: it takes others that change, or that agree with each other against it.
 *
 * <p>A sensor in whole or half degrees may be constant on an idle machine. It is stuck only if
 * others have changed a lot.
 */
public final class StuckZones {

  /** Before the first reading. */
  public static final StuckZones NONE = new StuckZones(new TreeMap<>(), List.of());

  /** How long a zone must be constant while others change a lot. */
  private static final Duration STUCK_TIME = Duration.ofMinutes(5);

  /** How far another zone must have changed, in degrees; far more than the noise of a sensor. */
  private static final double CHANGED = 8;

  /** How long a fine sensor must be constant while others are noisy. */
  private static final Duration QUIET_TIME = Duration.ofMinutes(10);

  /** In how many readings others must have changed in that time. */
  private static final int NOISY_READINGS = 30;

  /** A sensor whose values are all multiples of this, in thousandths, is a coarse one. */
  private static final int COARSE = 500;

  /** The maximum by nature is contradicted by what is this far above it, in degrees. */
  private static final double ABOVE_MAXIMUM = 10;

  /** How long that must last; a maximum that is formed by firmware lags by seconds. */
  private static final Duration ABOVE_MAXIMUM_TIME = Duration.ofMinutes(1);

  /** No die has one block this much hotter than all others, in degrees. */
  private static final double ABOVE_ALL = 30;

  /** How near the others must be to each other then, in degrees. */
  private static final double ALIKE = 10;

  /** How many there must be. */
  private static final int WITNESSES = 3;

  private static final Duration ABOVE_ALL_TIME = Duration.ofMinutes(5);

  /**
   * One zone since its value last changed.
   *
   * @param coarse whether all of its values were multiples of {@link #COARSE}
   * @param others the range of each other zone since then, by name
   * @param noise in how many readings another zone changed since then
   * @param against since when others have contradicted it
   */
  private record Watch(
      MilliCelsius value,
      Duration since,
      boolean coarse,
      SortedMap<String, Range> others,
      int noise,
      Optional<Against> against) {

    /** How far one of the others changed, in degrees. */
    double change() {
      return others.values().stream().mapToDouble(Range::degrees).max().orElse(0);
    }
  }

  private record Range(double lowest, double highest) {
    Range with(double degrees) {
      return new Range(Math.min(lowest, degrees), Math.max(highest, degrees));
    }

    double degrees() {
      return highest - lowest;
    }
  }

  /**
   * What others say against a zone.
   *
   * @param lasting how long that must last until the zone is excluded
   * @param sentence in words
   */
  private record Against(Duration since, Duration lasting, String sentence) {
    boolean holds(Duration uptime) {
      return uptime.minus(since).compareTo(lasting) >= 0;
    }
  }

  private final SortedMap<String, Watch> watched;
  private final List<ZoneReading> last;

  private StuckZones(SortedMap<String, Watch> watched, List<ZoneReading> last) {
    this.watched = watched;
    this.last = last;
  }

  /** The state after one reading of all zones. */
  public StuckZones with(List<ZoneReading> readings, Duration uptime) {
    List<ZoneReading> readable =
        readings.stream()
            .filter(zone -> ZoneSelection.decides(zone.type()) && zone.temperature().isPresent())
            .toList();
    SortedMap<String, Watch> next = new TreeMap<>();
    // A zone that is sometimes powered down can be stuck as well.
    readings.stream()
        .map(ZoneReading::name)
        .forEach(
            name ->
                Optional.ofNullable(watched.get(name)).ifPresent(watch -> next.put(name, watch)));
    for (ZoneReading zone : readable) {
      List<ZoneReading> others =
          readable.stream().filter(other -> !other.name().equals(zone.name())).toList();
      next.put(zone.name(), watch(zone, others, uptime));
    }
    return new StuckZones(next, readable);
  }

  private Watch watch(ZoneReading zone, List<ZoneReading> others, Duration uptime) {
    MilliCelsius value = temperature(zone);
    Watch before = watched.get(zone.name());
    boolean coarse = (before == null || before.coarse()) && value.value() % COARSE == 0;
    // The watch goes on while the value is the same.
    Watch same =
        before != null && before.value().equals(value) && uptime.compareTo(before.since()) >= 0
            ? before
            : null;
    SortedMap<String, Range> ranges = same == null ? new TreeMap<>() : new TreeMap<>(same.others());
    boolean noisy = false;
    for (ZoneReading other : others) {
      MilliCelsius read = temperature(other);
      double degrees = degrees(other);
      ranges.merge(other.name(), new Range(degrees, degrees), (range, one) -> range.with(degrees));
      noisy |=
          last.stream()
              .anyMatch(
                  then -> then.name().equals(other.name()) && !temperature(then).equals(read));
    }
    Optional<Against> against =
        against(zone, others, uptime)
            .map(
                now ->
                    before == null || before.against().isEmpty()
                        ? now
                        : new Against(
                            before.against().get().since(), now.lasting(), now.sentence()));
    if (against.isEmpty() && same != null) {
      // Others that have warmed up to a constant do not make it right.
      against = same.against().filter(then -> then.holds(uptime));
    }
    return new Watch(
        value,
        same == null ? uptime : same.since(),
        coarse,
        ranges,
        same == null ? 0 : same.noise() + (noisy ? 1 : 0),
        against);
  }

  private static Optional<Against> against(
      ZoneReading zone, List<ZoneReading> others, Duration uptime) {
    double degrees = degrees(zone);
    Optional<ZoneReading> maximum =
        others.stream().filter(other -> ZoneSelection.isMaximum(other.type())).findFirst();
    if (maximum.isPresent() && degrees > degrees(maximum.get()) + ABOVE_MAXIMUM) {
      double highest = degrees(maximum.get());
      boolean witnessed =
          others.stream()
              .anyMatch(
                  other ->
                      !other.name().equals(maximum.get().name())
                          && Math.abs(degrees(other) - highest) <= ABOVE_MAXIMUM);
      if (witnessed) {
        return Optional.of(
            new Against(
                uptime,
                ABOVE_MAXIMUM_TIME,
                "reads %s while '%s', the maximum of all, reads %s"
                    .formatted(
                        temperature(zone).exact(),
                        maximum.get().type(),
                        temperature(maximum.get()).exact())));
      }
    }
    double lowest = others.stream().mapToDouble(StuckZones::degrees).min().orElse(degrees);
    double highest = others.stream().mapToDouble(StuckZones::degrees).max().orElse(degrees);
    return others.size() >= WITNESSES && highest - lowest <= ALIKE && degrees >= highest + ABOVE_ALL
        ? Optional.of(
            new Against(
                uptime,
                ABOVE_ALL_TIME,
                "reads %s while %d others read at most %s"
                    .formatted(
                        temperature(zone).exact(),
                        others.size(),
                        MilliCelsius.ofDegrees(highest).exact())))
        : Optional.empty();
  }

  /** The readings, with stuck zones shown as offline. */
  public List<ZoneReading> without(List<ZoneReading> readings, Duration uptime) {
    List<ZoneReading> rest = new ArrayList<>();
    for (ZoneReading reading : readings) {
      Optional<String> fault =
          reading.temperature().isEmpty()
              ? Optional.empty()
              : Optional.ofNullable(watched.get(reading.name()))
                  .flatMap(watch -> fault(watch, uptime));
      rest.add(
          fault
              .map(why -> ZoneReading.offline(reading.name(), reading.type(), why))
              .orElse(reading));
    }
    return rest;
  }

  /** Why a zone is excluded; empty if it is not. */
  private static Optional<String> fault(Watch watch, Duration uptime) {
    Duration constant = uptime.minus(watch.since());
    double range = watch.change();
    String constantAt = "stuck: constant at " + watch.value().exact();
    if (constant.compareTo(STUCK_TIME) >= 0 && range >= CHANGED) {
      return Optional.of(
          "%s for %d min while others changed by %d °C"
              .formatted(constantAt, constant.toMinutes(), Math.round(range)));
    }
    if (!watch.coarse() && constant.compareTo(QUIET_TIME) >= 0 && watch.noise() >= NOISY_READINGS) {
      return Optional.of(
          "%s for %d min while others are noisy".formatted(constantAt, constant.toMinutes()));
    }
    return watch
        .against()
        .filter(against -> against.holds(uptime))
        .map(against -> "contradicted: " + against.sentence());
  }

  /** What is wrong: zones that are excluded. */
  List<ZoneProblem> problems(Duration uptime) {
    List<ZoneProblem> problems = new ArrayList<>();
    for (ZoneReading zone : last) {
      Watch watch = watched.get(zone.name());
      Optional<String> fault = watch == null ? Optional.empty() : fault(watch, uptime);
      fault.ifPresent(
          why ->
              problems.add(
                  new ZoneProblem(
                      zone.type(),
                      "zone '%s' is not used: it is %s".formatted(zone.type(), why),
                      ZoneProblem.KERNEL_LOG)));
    }
    return problems;
  }

  private static MilliCelsius temperature(ZoneReading zone) {
    return zone.temperature().orElseThrow();
  }

  private static double degrees(ZoneReading zone) {
    return temperature(zone).degrees();
  }
}
