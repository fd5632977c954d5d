package io.coord.thermal;

import java.util.Optional;

/**
 * One zone at one moment.
 *
 * @param name the kernel's directory name, for example {@code thermal_zone3}; numbers change
 *     between boots
 * @param type the zone's type, for example {@code cpu-thermal}
 * @param temperature empty if the zone is offline, which is normal for a block that is powered down
 * @param fault why it is offline, in words; empty if it is not
 */
public record ZoneReading(
    String name, String type, Optional<MilliCelsius> temperature, String fault) {}
