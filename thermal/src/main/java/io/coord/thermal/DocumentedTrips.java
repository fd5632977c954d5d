package io.coord.thermal;

import java.util.List;
import java.util.Optional;

/**
 * What a table knows about the trip points of some zones.
 *
 * @param zones as {@link ZoneSelection} counts them, for example {@code cpu}
 * @param passive from where the kernel lowers clocks; empty if there is no such trip, or none known
 * @param critical from where the kernel powers off; empty if there is no such trip, or none known
 */
public record DocumentedTrips(
    List<String> zones, Optional<MilliCelsius> passive, Optional<MilliCelsius> critical) {

  public DocumentedTrips {
    zones = List.copyOf(zones);
  }
}
