package io.coord.scheduler.core.state;

import io.coord.persistence.StoredPowerMode;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What queued experiments that admission can treat alike need, besides memory.
 *
 * @param maxMilliCelsius their own limit; empty for the machine's
 * @param maxDuration how long all runs of one may take together; empty for no limit
 * @param hasRun whether they have run before
 */
public record QueueLane(
    String group,
    Optional<StoredPowerMode> powerMode,
    OptionalInt maxMilliCelsius,
    Optional<Duration> maxDuration,
    boolean hasRun) {}
