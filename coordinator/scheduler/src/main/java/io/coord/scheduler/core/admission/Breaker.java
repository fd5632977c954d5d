package io.coord.scheduler.core.admission;

import io.coord.persistence.BreakerState;
import io.coord.persistence.Experiment;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Keeps one mistake from failing all experiments that share it. If several experiments of an owner
 * with the same command fail early in a row, with the same cause in the same cycle, those that wait
 * are held. Later one of them is tried as a canary; if it survives, all are released. Other
 * commands and other owners go on.
 */
public final class Breaker {

  /** So many experiments that fail early in a row, with the same cause, hold the others. */
  public static final int EARLY_FAILURES = 5;

  /** A run that lasts this long has passed the point at which early failures happen. */
  public static final Duration EARLY = Duration.ofSeconds(60);

  /** After this time a canary is tried automatically. */
  public static final Duration CANARY_DELAY = Duration.ofMinutes(10);

  /** So many commands of one owner are remembered; who has more fails in too many ways. */
  public static final int MAX_PER_OWNER = 100;

  private Breaker() {}

  /** Whether the experiment's runs were short on average. */
  public static boolean isEarly(Experiment experiment) {
    int runs = experiment.counts().runs();
    return runs > 0 && experiment.counts().ran().dividedBy(runs).compareTo(EARLY) < 0;
  }

  /** Whether the experiment itself has passed the point at which early failures happen. */
  static boolean hasSurvived(Experiment experiment) {
    return experiment.progress().isPresent() || experiment.counts().ran().compareTo(EARLY) >= 0;
  }

  /**
   * A breaker after an experiment has failed early.
   *
   * @param task which command has failed, exactly
   */
  public static BreakerState afterEarlyFailure(
      BreakerState before, Experiment experiment, String detail, String task, Instant now) {
    String cause =
        detail
            + experiment
                .progress()
                .map(progress -> " after cycle " + progress.cycle())
                .orElse(" before any cycle");
    int streak = before.cause().equals(Optional.of(cause)) ? before.streak() + 1 : 1;
    boolean held = before.held() || streak >= EARLY_FAILURES;
    return new BreakerState(
        before.key(),
        held,
        Optional.of(cause),
        Optional.of(task),
        streak,
        held ? before.heldAt().or(() -> Optional.of(now)) : Optional.empty());
  }
}
