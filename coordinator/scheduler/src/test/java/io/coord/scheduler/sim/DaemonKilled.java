package io.coord.scheduler.sim;

/** The daemon dies at this very place, as by {@code kill -9}: nothing catches it but the world. */
final class DaemonKilled extends Error {
  DaemonKilled() {
    super("the daemon was killed by the simulation", null, false, false);
  }
}
