package io.coord.daemon;

/**
 * What each part of the daemon is opened with.
 *
 * @param lifecycle takes over what a part opens
 */
record DaemonContext(
    Paths paths, Settings settings, Host host, Clocks clocks, Lifecycle lifecycle) {}
