package io.coord.thermal;

/**
 * The power that one rail carries.
 *
 * @param label as the board names it, for example {@code VDD_IN}
 * @param milliwatts the mean over about half a second; a rail that is switched off reads 0
 */
public record Rail(String label, Reading<Long> milliwatts) {}
