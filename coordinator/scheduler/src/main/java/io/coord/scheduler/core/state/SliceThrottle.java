package io.coord.scheduler.core.state;

import java.util.OptionalInt;

/**
 * What holds all experiments back together, in their slice.
 *
 * @param percentOfOneCore the most processor time that they get together; empty if they are not
 *     limited
 * @param frozen whether they stand still
 */
public record SliceThrottle(OptionalInt percentOfOneCore, boolean frozen) {

  /** Nothing. */
  public static final SliceThrottle NONE = new SliceThrottle(OptionalInt.empty(), false);
}
