package io.coord.persistence;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * How far an experiment has come, in its own unit.
 *
 * @param cycle the last cycle that was reported as done, 0 or more
 * @param of how many there will be; empty if the runner does not say
 * @param doneEarly why it ends before its last cycle, in its own words; empty unless it said that
 */
public record Progress(int cycle, OptionalInt of, Optional<String> doneEarly) {

  /** Of an experiment that does not end early. */
  public Progress(int cycle, OptionalInt of) {
    this(cycle, of, Optional.empty());
  }
}
