package io.coord.persistence;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * What is remembered of one owner's experiments with the same command while they fail early.
 *
 * @param held whether the breaker is open: none of them is admitted
 * @param cause how the early failures in a row ended; empty if there is none
 * @param failedTask which of these commands failed last, exactly, as a digest; empty if there is
 *     none
 * @param streak how many early failures in a row had this cause
 * @param heldAt when it came to be held; empty if it is not
 */
public record BreakerState(
    Key key,
    boolean held,
    Optional<String> cause,
    Optional<String> failedTask,
    int streak,
    Optional<Instant> heldAt) {

  /**
   * Whose experiments.
   *
   * @param command the digest of what their commands have in common
   */
  public record Key(String owner, String command) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing(Key::owner).thenComparing(Key::command);

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  public BreakerState {
    if (streak < 0) {
      throw new IllegalArgumentException("streak of %s is negative: %d".formatted(key, streak));
    }
  }

  /** A breaker without failures. */
  public static BreakerState closed(Key key) {
    return new BreakerState(key, false, Optional.empty(), Optional.empty(), 0, Optional.empty());
  }

  /** Whether there is nothing to remember. */
  public boolean isClosed() {
    return !held && streak == 0;
  }
}
