package io.coord.thermal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Everything that a machine's sensors say at one moment.
 *
 * @param zones in the kernel's number order
 * @param zoneDetails of the same zones, in the same order
 * @param coolingDevices in the kernel's number order; empty is normal
 * @param rails in the board's order, those that it does not know after them by label; missing if
 *     there are none
 * @param totalMilliwatts what the board draws, as far as its rails tell
 * @param overCurrents by channel; missing if the board does not count them
 * @param onlineCpus the CPUs that can run something now
 * @param presentCpus the CPUs that could be switched on
 */
public record BoardSnapshot(
    List<ZoneReading> zones,
    List<ZoneDetails> zoneDetails,
    List<CoolingDevice> coolingDevices,
    Reading<List<Rail>> rails,
    Reading<Long> totalMilliwatts,
    Reading<List<OverCurrent>> overCurrents,
    Gpu gpu,
    Fan fan,
    Reading<Cores> onlineCpus,
    Reading<Cores> presentCpus) {

  public BoardSnapshot {
    zones = List.copyOf(zones);
    zoneDetails = List.copyOf(zoneDetails);
    coolingDevices = List.copyOf(coolingDevices);
    rails = rails.map(List::copyOf);
    overCurrents = overCurrents.map(List::copyOf);
  }

  /** What slows the machine down now: the cooling devices at work, without fans and notices. */
  public List<CoolingDevice> slowingDown() {
    return coolingDevices.stream().filter(CoolingDevice::slowsDown).toList();
  }

  /** The lowest trip point of a kind over the zones that decide; empty if none can be read. */
  public Optional<MilliCelsius> lowestTrip(TripPoint.Kind kind) {
    return zoneDetails.stream()
        .filter(zone -> ZoneSelection.decides(zone.type()))
        .flatMap(zone -> zone.lowest(kind).stream())
        .min(Comparator.naturalOrder());
  }

  /** The over-current events since an earlier moment; a channel that is new has none to compare. */
  public List<OverCurrentRise> overCurrentSince(BoardSnapshot earlier) {
    List<OverCurrentRise> rises = new ArrayList<>();
    List<OverCurrent> before = earlier.overCurrents().value().orElse(List.of());
    for (OverCurrent now : overCurrents.value().orElse(List.of())) {
      Reading<Long> events =
          before.stream()
              .filter(then -> then.channel().equals(now.channel()))
              .findFirst()
              .map(now::since)
              .orElseGet(() -> Reading.missing("it was not there before"));
      rises.add(new OverCurrentRise(now.channel(), events));
    }
    return rises;
  }

  /**
   * How far one channel rose.
   *
   * @param events missing if it cannot be told
   */
  public record OverCurrentRise(String channel, Reading<Long> events) {}
}
