package io.coord.scheduler.core.state;

import io.coord.persistence.StoredPowerMode;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What queued experiments that admission can treat alike need, besides memory.
 *
 * @param maxMilliCelsius their own limit; empty for the machine's
 * @param shortestRuns no more than all runs of one may take together, by its limit; empty if they
 *     have no limit
 * @param hasRun whether they have run before
 */
public record QueueLane(
    String group,
    Optional<StoredPowerMode> powerMode,
    OptionalInt maxMilliCelsius,
    Optional<Duration> shortestRuns,
    boolean hasRun) {}
