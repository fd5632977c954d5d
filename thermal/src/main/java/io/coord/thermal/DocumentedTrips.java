package io.coord.thermal;

import java.util.List;
import java.util.Optional;

/**
 * The trip points of some zones, from a table.
 *
 * @param zones as {@link ZoneSelection} counts them, for example {@code cpu}
 * @param passive from where the kernel lowers clocks; empty if there is none, or unknown
 * @param critical where the kernel powers off; empty if there is none, or unknown
 */
public record DocumentedTrips(
    List<String> zones, Optional<MilliCelsius> passive, Optional<MilliCelsius> critical) {

  public DocumentedTrips {
    zones = List.copyOf(zones);
  }
}
