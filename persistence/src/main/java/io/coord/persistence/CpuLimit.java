package io.coord.persistence;

import java.util.OptionalInt;

/**
 * A limit of processor time for all experiments together.
 *
 * @param percentOfOneCore 100 is one core; empty if there is no limit
 */
public record CpuLimit(OptionalInt percentOfOneCore) {}
