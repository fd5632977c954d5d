package io.coord.scheduler.core.admission;

import io.coord.persistence.Experiment;
import io.coord.persistence.GroupState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Keeps one broken library from failing a whole group. If several experiments of a group in a row
 * fail early, with the same cause in the same cycle, the group is held. Later one of them is tried
 * as a canary; if it survives, the group is released.
 */
public final class Breaker {

  /** So many experiments of a group that fail early in a row, with the same cause, hold it. */
  public static final int EARLY_FAILURES = 5;

  /** A run that lasts this long has passed the point at which early failures happen. */
  public static final Duration EARLY = Duration.ofSeconds(60);

  /** After this time a canary is tried automatically. */
  public static final Duration CANARY_DELAY = Duration.ofMinutes(10);

  private Breaker() {}

  /** Whether the experiment's runs were short on average. */
  public static boolean isEarly(Experiment experiment) {
    int runs = experiment.counts().runs();
    return runs > 0 && experiment.counts().ran().dividedBy(runs).compareTo(EARLY) < 0;
  }

  /** A group after one of its experiments has failed early. */
  public static GroupState afterEarlyFailure(
      GroupState before, Experiment experiment, String detail, Instant now) {
    String fingerprint =
        detail
            + experiment
                .progress()
                .map(progress -> " after cycle " + progress.cycle())
                .orElse(" before any cycle");
    int streak = before.fingerprint().equals(Optional.of(fingerprint)) ? before.streak() + 1 : 1;
    boolean held = before.held() || streak >= EARLY_FAILURES;
    return new GroupState(
        before.name(),
        held,
        Optional.of(fingerprint),
        streak,
        held ? before.heldAt().or(() -> Optional.of(now)) : Optional.empty());
  }

  /** A group without failures. */
  public static GroupState released(String name) {
    return new GroupState(name, false, Optional.empty(), 0, Optional.empty());
  }
}
