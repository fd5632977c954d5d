package io.coord.scheduler.core.decision;

import java.time.Instant;

/**
 * Something that was done about heat or power.
 *
 * @param at by the wall clock
 * @param what for people, for example {@code power mode 'MODE_30W' (2)}
 * @param why in words
 */
public record ThermalAction(Instant at, String what, String why) {}
