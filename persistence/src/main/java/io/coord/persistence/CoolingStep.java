package io.coord.persistence;

import java.time.Instant;

/**
 * Something that was done about heat or power; kept to the millisecond.
 *
 * @param at by the wall clock
 * @param what for people
 * @param why in words
 */
public record CoolingStep(Instant at, String what, String why) {
  public CoolingStep {
    at = Instant.ofEpochMilli(at.toEpochMilli());
  }
}
