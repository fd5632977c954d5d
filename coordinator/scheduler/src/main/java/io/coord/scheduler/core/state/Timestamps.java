package io.coord.scheduler.core.state;

import java.time.Duration;
import java.time.Instant;

/**
 * When something happens, by two clocks.
 *
 * @param wall what the wall clock shows; for what is stored and shown. It may be wrong and may
 *     jump, so nothing is waited for by it except what names a time of day
 * @param uptime how long the machine is up; only goes forward, and starts from 0 at each boot. All
 *     waits and limits are by it
 */
public record Timestamps(Instant wall, Duration uptime) {}
