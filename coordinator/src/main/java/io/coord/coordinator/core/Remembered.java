package io.coord.coordinator.core;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.GroupState;
import io.coord.persistence.Schedule;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a coordinator finds of those before it.
 *
 * @param active the experiments that are not done
 * @param lastSequence the largest sequence that was given out
 * @param lastBoot the boot that was seen last
 * @param schedules all schedules
 * @param groups all groups whose breaker has something to remember
 * @param draining whether nothing is to be started
 * @param stateOf the state of any experiment that is remembered; asked only while a {@link State}
 *     is made of this, about those that others wait for
 */
public record Remembered(
    List<Experiment> active,
    long lastSequence,
    Optional<String> lastBoot,
    List<Schedule> schedules,
    List<GroupState> groups,
    boolean draining,
    Function<String, Optional<ExperimentState>> stateOf) {

  /** Under this name it is noted in the ledger that nothing is to be started. */
  public static final String DRAINING = "draining";

  /** Nothing: the first coordinator of a machine. */
  public static final Remembered NOTHING =
      new Remembered(
          List.of(), 0, Optional.empty(), List.of(), List.of(), false, id -> Optional.empty());
}
