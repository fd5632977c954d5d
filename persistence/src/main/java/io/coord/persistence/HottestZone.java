package io.coord.persistence;

/**
 * The hottest of the zones that decide.
 *
 * @param type the type of the zone, for example {@code cpu-thermal}
 * @param milliCelsius its temperature in thousandths of a degree Celsius
 */
public record HottestZone(String type, int milliCelsius) {}
