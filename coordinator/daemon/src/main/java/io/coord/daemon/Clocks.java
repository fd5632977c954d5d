package io.coord.daemon;

import io.coord.scheduler.core.state.Timestamps;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The two clocks of this machine. Threads may share it. */
final class Clocks {

  /** The present moment. */
  Timestamps now() {
    // On Linux this is CLOCK_MONOTONIC, which systemd's timestamps are by, too.
    return new Timestamps(wall(), Duration.ofNanos(System.nanoTime()));
  }

  /** What the wall clock shows, in the milliseconds that the ledger keeps. */
  Instant wall() {
    return Clock.systemUTC().instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
