package io.coord.thermal;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The details of a zone besides its temperature.
 *
 * @param name the kernel's directory name, for example {@code thermal_zone3}
 * @param type the zone's type; blank if it cannot be read
 * @param trips in the kernel's number order, often empty
 * @param emulates whether root can emulate a temperature
 */
public record ZoneDetails(String name, String type, List<TripPoint> trips, boolean emulates) {

  public ZoneDetails {
    trips = List.copyOf(trips);
  }

  /** The lowest trip point of a kind; empty if there is none that can be read. */
  public Optional<MilliCelsius> lowest(TripPoint.Kind kind) {
    return trips.stream()
        .filter(trip -> trip.kind() == kind)
        .flatMap(trip -> trip.temperature().value().stream())
        .min(Comparator.naturalOrder());
  }
}
