package io.coord.scheduler.executor;

import java.time.Duration;
import java.util.Optional;

/**
 * The limits of an experiment that do not come from its spec alone.
 *
 * @param ramBytes the memory that admission reserved
 * @param restarts how many restarts systemd may make within the spec's interval
 * @param runtime how long it may still run; empty if there is no limit
 */
public record RunLimits(long ramBytes, int restarts, Optional<Duration> runtime) {}
