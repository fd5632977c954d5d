package io.coord.runner;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How one experiment is started on this machine.
 *
 * @param argv the argument vector, the first an absolute path
 * @param workingDirectory an absolute path to a folder
 * @param environment variables for it
 * @param files what must be written before: absolute path to content
 * @param successCommand the argument vector of the check after its end, the first an absolute path;
 *     empty for none
 */
public record LaunchPlan(
    List<String> argv,
    Path workingDirectory,
    Map<String, String> environment,
    Map<Path, String> files,
    List<String> successCommand) {}
