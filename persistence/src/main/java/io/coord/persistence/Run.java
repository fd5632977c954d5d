package io.coord.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One activation of an experiment's unit.
 *
 * @param experiment the experiment's id
 * @param number 1 for its first run
 * @param invocation systemd's InvocationID
 * @param startedAt when it began, or when its start was seen
 * @param endedAt when it ended; empty while it runs
 * @param end how it ended; empty while it runs
 * @param progress the last progress that it reported; empty if it reported none
 * @param lasted how long it took, by a clock that only goes forward; empty while it runs, and for
 *     one that ended before schema 2
 */
public record Run(
    String experiment,
    int number,
    String invocation,
    Instant startedAt,
    Optional<Instant> endedAt,
    Optional<RunEnd> end,
    Optional<Progress> progress,
    Optional<Duration> lasted) {}
