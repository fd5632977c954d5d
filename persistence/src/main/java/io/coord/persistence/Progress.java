package io.coord.persistence;

import java.util.OptionalInt;

/**
 * How far an experiment has come, in its own unit.
 *
 * @param cycle the last cycle that was reported as done, 0 or more
 * @param of how many there will be; empty if the runner does not say
 */
public record Progress(int cycle, OptionalInt of) {}
