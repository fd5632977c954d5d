package io.coord.server.cli;

import java.util.List;
import java.util.Map;

/**
 * A command line with its context.
 *
 * @param argv the words after {@code coord}
 * @param cwd the caller's working directory, absolute
 * @param columns the width of the caller's terminal; 0 if the output goes elsewhere
 * @param environment the requested environment variables of the caller
 * @param files the content of the requested files, by the name typed
 */
public record CommandLineRequest(
    List<String> argv,
    String cwd,
    int columns,
    Map<String, String> environment,
    Map<String, String> files) {}
