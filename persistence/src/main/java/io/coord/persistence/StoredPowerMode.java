package io.coord.persistence;

/**
 * A power mode as it is stored.
 *
 * @param id the number that the board's configuration gives it
 * @param name its name on that board, for example {@code MODE_30W}
 */
public record StoredPowerMode(int id, String name) {}
