package io.coord.scheduler.core.state;

import io.coord.persistence.BreakerState;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Schedule;
import io.coord.persistence.StoredPowerMode;
import io.coord.thermal.CurrentMode;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the previous coordinator has stored.
 *
 * @param active hands over the experiments that have not ended, one after the other
 * @param lastSequence the largest sequence in use
 * @param lastBoot the boot that was seen last
 * @param schedules all schedules
 * @param breakers all breakers that are not closed
 * @param coordinator what else the last coordinator left
 * @param stateOf the state of any stored experiment; called only by the constructor of {@link
 *     State}, for dependencies
 * @param specs the specs of stored experiments
 */
public record RestoredState(
    Consumer<Consumer<Experiment>> active,
    long lastSequence,
    Optional<String> lastBoot,
    List<Schedule> schedules,
    List<BreakerState> breakers,
    CoordinatorState coordinator,
    Function<String, Optional<ExperimentState>> stateOf,
    StoredSpecs specs) {

  /** Nothing: the first coordinator of a machine. */
  public static final RestoredState NOTHING =
      new RestoredState(
          reader -> {},
          0,
          Optional.empty(),
          List.of(),
          List.of(),
          CoordinatorState.INITIAL,
          id -> Optional.empty(),
          id -> Optional.empty());

  /**
   * The same, with sequences past this one.
   *
   * @param sequence of which something was found outside of the ledger
   */
  public RestoredState notBefore(long sequence) {
    return new RestoredState(
        active,
        Math.max(lastSequence, sequence),
        lastBoot,
        schedules,
        breakers,
        coordinator,
        stateOf,
        specs);
  }

  /** The power mode to restore. */
  public Optional<CurrentMode> powerBefore() {
    return coordinator.powerModeBefore().map(RestoredState::mode);
  }

  /** A power mode as it is stored. */
  public static StoredPowerMode stored(CurrentMode mode) {
    return new StoredPowerMode(mode.id(), mode.name());
  }

  /** The power mode that is stored. */
  public static CurrentMode mode(StoredPowerMode stored) {
    return new CurrentMode(stored.id(), stored.name());
  }
}
