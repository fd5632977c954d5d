package io.coord.scheduler.core.state;

import java.time.Duration;

/**
 * Where the verification of a claim of success stands that could not be verified at once.
 *
 * @param looks how many looks were made or asked for
 * @param due the uptime from which the next one is due
 */
public record PendingVerification(int looks, Duration due) {
  /** No look was made by this coordinator. */
  public static final PendingVerification NONE = new PendingVerification(0, Duration.ZERO);

  /** The first look is made with each observation of the unit, which must not take long. */
  private static final Duration FIRST_PATIENCE = Duration.ofSeconds(6);

  /** As long as the largest database that is copied takes on a slow card. */
  private static final Duration MAX_PATIENCE = Duration.ofMinutes(2);

  private static final Duration FIRST_DELAY = Duration.ofSeconds(10);
  private static final Duration MAX_DELAY = Duration.ofHours(1);

  /** How long the next look may take. */
  public Duration patience() {
    return doubled(FIRST_PATIENCE, MAX_PATIENCE);
  }

  /** The time between this look and the next. */
  public Duration delay() {
    return doubled(FIRST_DELAY, MAX_DELAY);
  }

  /** After a look that told nothing, at this uptime. */
  public PendingVerification next(Duration uptime) {
    return new PendingVerification(looks + 1, uptime.plus(delay()));
  }

  /** A look begins at this uptime. Should its answer be lost, another follows. */
  public PendingVerification asked(Duration uptime) {
    return new PendingVerification(looks, uptime.plus(patience().multipliedBy(3)).plus(delay()));
  }

  private Duration doubled(Duration first, Duration max) {
    Duration time = first.multipliedBy(1L << Math.min(looks, 20));
    return time.compareTo(max) < 0 ? time : max;
  }
}
