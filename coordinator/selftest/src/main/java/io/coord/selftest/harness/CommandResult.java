package io.coord.selftest.harness;

import java.time.Duration;

/**
 * How a command ended.
 *
 * @param output both streams together, without the line end at the end
 */
public record CommandResult(int exitCode, String output, Duration took) {}
