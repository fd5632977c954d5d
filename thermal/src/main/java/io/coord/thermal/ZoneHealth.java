package io.coord.thermal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is believed of the zones' readings, and what is wrong with the zones. Immutable and pure:
 * the same readings at the same times give the same.
 *
 * <p>A reading passes if it is no impossible step ({@link WildSteps}), and the zone is neither
 * stuck nor contradicted ({@link StuckZones}), has not always read 0, and has not gone.
 */
public final class ZoneHealth {

  /** Before the first reading. */
  public static final ZoneHealth NONE =
      new ZoneHealth(WildSteps.NONE, StuckZones.NONE, new TreeMap<>(), List.of(), List.of());

  /** When a doubted zone is read again. */
  public static final Duration READ_AGAIN = Duration.ofMillis(250);

  /** How long a zone may read exactly 0 °C, or not answer, before that is a problem. */
  private static final Duration SUSPECT = Duration.ofMinutes(1);

  /**
   * A zone that decides, since it was first seen.
   *
   * @param last the last temperature that was believed; empty if there was none
   * @param zeroSince since when it has read 0, by the uptime
   * @param onlyZero whether it has never read anything else
   * @param silentSince since when it has not been readable
   */
  private record Track(
      ZoneReading last,
      boolean answered,
      Optional<Duration> zeroSince,
      boolean onlyZero,
      Optional<Duration> silentSince) {}

  private final WildSteps steps;
  private final StuckZones stuck;
  private final SortedMap<String, Track> tracks;
  private final List<ZoneReading> believed;
  private final List<ZoneProblem> problems;

  private ZoneHealth(
      WildSteps steps,
      StuckZones stuck,
      SortedMap<String, Track> tracks,
      List<ZoneReading> believed,
      List<ZoneProblem> problems) {
    this.steps = steps;
    this.stuck = stuck;
    this.tracks = tracks;
    this.believed = List.copyOf(believed);
    this.problems = List.copyOf(problems);
  }

  /** The state after one reading of all zones. */
  public ZoneHealth with(List<ZoneReading> readings, Duration uptime) {
    SortedMap<String, Track> tracked = new TreeMap<>(tracks);
    List<ZoneProblem> found = new ArrayList<>();
    List<ZoneReading> nonZero = new ArrayList<>();
    for (ZoneReading zone : readings) {
      nonZero.add(
          ZoneSelection.decides(zone.type()) ? checked(zone, tracked, found, uptime) : zone);
    }
    WildSteps stepped = steps.with(nonZero, uptime);
    StuckZones watched = stuck.with(stepped.readings(), uptime);
    List<ZoneReading> sound = new ArrayList<>(watched.without(stepped.readings(), uptime));
    found.addAll(watched.problems(uptime));
    for (ZoneReading zone : sound) {
      if (zone.temperature().isPresent()) {
        tracked.computeIfPresent(
            zone.type(),
            (type, track) ->
                new Track(zone, true, track.zeroSince(), track.onlyZero(), Optional.empty()));
      }
    }
    addGone(sound, readings, tracked, found);
    return new ZoneHealth(stepped, watched, tracked, sound, found);
  }

  /** Checks what one zone says on its own. */
  private static ZoneReading checked(
      ZoneReading zone,
      SortedMap<String, Track> tracked,
      List<ZoneProblem> found,
      Duration uptime) {
    Track before =
        tracked.getOrDefault(
            zone.type(), new Track(zone, false, Optional.empty(), true, Optional.empty()));
    if (zone.temperature().isEmpty()) {
      Duration silentSince = before.silentSince().orElse(uptime);
      tracked.put(
          zone.type(),
          new Track(
              before.last(),
              before.answered(),
              before.zeroSince(),
              before.onlyZero(),
              Optional.of(silentSince)));
      boolean lasting = uptime.minus(silentSince).compareTo(SUSPECT) >= 0;
      if (!zone.poweredDown() && (zone.implausible() || (before.answered() && lasting))) {
        found.add(
            problem(
                zone,
                "zone '%s'%s is not used: %s".formatted(zone.type(), last(before), zone.fault())));
      }
      return zone;
    }
    boolean zero = zone.temperature().get().value() == 0;
    Optional<Duration> zeroSince =
        zero ? Optional.of(before.zeroSince().orElse(uptime)) : Optional.empty();
    boolean onlyZero = before.onlyZero() && zero;
    tracked.put(
        zone.type(),
        new Track(before.last(), before.answered(), zeroSince, onlyZero, Optional.empty()));
    if (zero && (onlyZero || uptime.minus(zeroSince.get()).compareTo(SUSPECT) >= 0)) {
      String fault = onlyZero ? "has read 0 and nothing else" : "reads 0 and no longer changes";
      found.add(problem(zone, "zone '%s' is not used: it %s".formatted(zone.type(), fault)));
      return ZoneReading.offline(zone.name(), zone.type(), fault);
    }
    return zone;
  }

  /** What was hot and is gone may still be hot: it stays in the list, as offline. */
  private static void addGone(
      List<ZoneReading> sound,
      List<ZoneReading> readings,
      SortedMap<String, Track> tracked,
      List<ZoneProblem> found) {
    // A zone without a type may be any of those that are missed.
    if (readings.stream().anyMatch(zone -> zone.type().isEmpty())) {
      return;
    }
    tracked.forEach(
        (type, track) -> {
          if (track.answered() && readings.stream().noneMatch(zone -> zone.type().equals(type))) {
            String last = track.last().temperature().map(MilliCelsius::exact).orElse("unknown");
            sound.add(
                ZoneReading.offline(track.last().name(), type, "is gone; last %s".formatted(last)));
            found.add(
                new ZoneProblem(
                    type,
                    "zone '%s', last %s, is gone".formatted(type, last),
                    "load its driver again, or restart the coordinator if it was removed on"
                        + " purpose"));
          }
        });
  }

  private static String last(Track track) {
    return track.answered()
        ? ", last %s,".formatted(track.last().temperature().map(MilliCelsius::exact).orElse(""))
        : "";
  }

  private static ZoneProblem problem(ZoneReading zone, String sentence) {
    return new ZoneProblem(zone.type(), sentence, ZoneProblem.KERNEL_LOG);
  }

  /** The readings to decide on, those that are not believed as offline. */
  public List<ZoneReading> believed() {
    return believed;
  }

  /** What is wrong with zones that decide. */
  public List<ZoneProblem> problems() {
    return problems;
  }

  /** Whether the zones are to be read again in {@link #READ_AGAIN}, to confirm a reading. */
  public boolean doubts() {
    return steps.doubts();
  }
}
