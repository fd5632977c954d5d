package io.coord.scheduler.sim.oracle;

import java.time.Duration;
import java.time.Instant;
import java.util.TreeSet;

/**
 * Since when there was no fault: only then is the coordinator bound to do things within some time.
 */
final class Quiet {
  /** A health check, after which nothing of a fault is left. */
  private static final Duration SETTLED = Duration.ofSeconds(35);

  private final TreeSet<String> faults = new TreeSet<>();
  private Instant lastFault = Instant.MIN;

  void begin(String fault, Instant now) {
    faults.add(fault);
    lastFault = now;
  }

  void end(String fault, Instant now) {
    if (faults.remove(fault)) {
      lastFault = now;
    }
  }

  /** A fault that is over. */
  void hiccup(Instant now) {
    lastFault = now;
  }

  /** Whether this fault is not over. */
  boolean isOpen(String fault) {
    return faults.contains(fault);
  }

  /** Whether there is no fault now. */
  boolean isQuiet() {
    return faults.isEmpty();
  }

  /** Whether there was no fault since then. */
  boolean since(Instant then) {
    return faults.isEmpty() && lastFault.isBefore(then);
  }

  /** Whether what is so since then should have ended this time ago. */
  boolean isLate(Instant since, Duration bound, Instant now) {
    if (!faults.isEmpty()) {
      return false;
    }
    Instant settled = lastFault.equals(Instant.MIN) ? since : lastFault.plus(SETTLED);
    return now.isAfter((since.isAfter(settled) ? since : settled).plus(bound));
  }
}
