package io.coord.selftest.harness;

import java.time.Duration;

/**
 * How a command ended.
 *
 * @param output its standard output, without the line end at the end
 * @param errors its standard error, likewise
 */
public record CommandResult(int exitCode, String output, String errors, Duration took) {}
