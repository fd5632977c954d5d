package io.coord.persistence;

import java.time.Instant;
import java.util.Optional;

/**
 * What is remembered of a group of experiments between one end of a run and the next.
 *
 * @param name the group's name
 * @param held whether its breaker is open: nothing of it is admitted
 * @param fingerprint what the early deaths in a row have in common; empty if there is none
 * @param streak how many early deaths in a row had this fingerprint
 * @param heldAt when it came to be held; empty if it is not
 */
public record GroupState(
    String name, boolean held, Optional<String> fingerprint, int streak, Optional<Instant> heldAt) {

  public GroupState {
    if (streak < 0) {
      throw new IllegalArgumentException(
          "streak of group '%s' is negative: %d".formatted(name, streak));
    }
  }
}
