package io.coord.thermal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The readings of all sensors of a machine at one moment.
 *
 * @param zones in the kernel's number order
 * @param zoneDetails of the same zones, in the same order; on a machine that is no Jetson, then
 *     those of the processor's sensors in hwmon
 * @param coolingDevices in the kernel's number order; empty is normal
 * @param power what the rails carry
 * @param cpus which CPUs can run
 */
public record BoardSnapshot(
    List<ZoneReading> zones,
    List<ZoneDetails> zoneDetails,
    List<CoolingDevice> coolingDevices,
    PowerReadings power,
    Gpu gpu,
    Fan fan,
    CpuReadings cpus) {

  /**
   * The power that the board draws.
   *
   * @param rails in the board's order, those that it does not know after them by label; missing if
   *     there are none
   * @param totalMilliwatts what the board draws, as far as its rails show
   * @param overCurrents by channel; missing if the board does not count them
   */
  public record PowerReadings(
      Reading<List<Rail>> rails,
      Reading<Long> totalMilliwatts,
      Reading<List<OverCurrent>> overCurrents) {

    public PowerReadings {
      rails = rails.map(List::copyOf);
      overCurrents = overCurrents.map(List::copyOf);
    }
  }

  /**
   * The CPUs.
   *
   * @param online those that can run something now
   * @param present those that could be switched on
   */
  public record CpuReadings(Reading<Cores> online, Reading<Cores> present) {}

  public BoardSnapshot {
    zones = List.copyOf(zones);
    zoneDetails = List.copyOf(zoneDetails);
    coolingDevices = List.copyOf(coolingDevices);
  }

  /** The same with other readings of the zones. */
  public BoardSnapshot withZones(List<ZoneReading> others) {
    return new BoardSnapshot(others, zoneDetails, coolingDevices, power, gpu, fan, cpus);
  }

  /** The cooling devices that limit clocks now, without fans and notices. */
  public List<CoolingDevice> limitingClocks() {
    return coolingDevices.stream().filter(CoolingDevice::limitsClocks).toList();
  }

  /** The lowest trip point of a kind over the zones that decide; empty if none can be read. */
  public Optional<MilliCelsius> lowestTrip(TripPoint.Kind kind) {
    return lowestTrip(zoneDetails, kind);
  }

  /** The lowest trip point of a kind over those of the zones that decide. */
  public static Optional<MilliCelsius> lowestTrip(List<ZoneDetails> zones, TripPoint.Kind kind) {
    return zones.stream()
        .filter(zone -> ZoneSelection.decides(zone.type()))
        .flatMap(zone -> zone.lowest(kind).stream())
        .min(Comparator.naturalOrder());
  }

  /** The over-current events since an earlier moment; a channel that is new has none to compare. */
  public List<OverCurrentRise> overCurrentSince(BoardSnapshot earlier) {
    List<OverCurrentRise> rises = new ArrayList<>();
    List<OverCurrent> before = earlier.power().overCurrents().value().orElse(List.of());
    for (OverCurrent now : power.overCurrents().value().orElse(List.of())) {
      Reading<Long> events =
          before.stream()
              .filter(then -> then.channel().equals(now.channel()))
              .findFirst()
              .map(now::since)
              .orElseGet(() -> Reading.missing("the channel was not present before"));
      rises.add(new OverCurrentRise(now.channel(), events));
    }
    return rises;
  }

  /**
   * How far one channel rose.
   *
   * @param events missing if it is not known
   */
  public record OverCurrentRise(String channel, Reading<Long> events) {}
}
