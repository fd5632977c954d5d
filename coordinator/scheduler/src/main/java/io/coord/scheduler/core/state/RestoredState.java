package io.coord.scheduler.core.state;

import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.GroupState;
import io.coord.persistence.Schedule;
import io.coord.thermal.CurrentMode;
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
 * @param notes what was noted under a name; asked only while a {@link State} is made of this
 * @param stateOf the state of any experiment that is remembered; asked only while a {@link State}
 *     is made of this, about those that others wait for
 */
public record RestoredState(
    List<Experiment> active,
    long lastSequence,
    Optional<String> lastBoot,
    List<Schedule> schedules,
    List<GroupState> groups,
    Function<String, Optional<String>> notes,
    Function<String, Optional<ExperimentState>> stateOf) {

  /** Under this name it is noted in the ledger that nothing is to be started. */
  public static final String DRAINING = "draining";

  /** Nothing: the first coordinator of a machine. */
  public static final RestoredState NOTHING =
      new RestoredState(
          List.of(),
          0,
          Optional.empty(),
          List.of(),
          List.of(),
          name -> Optional.empty(),
          id -> Optional.empty());

  /** Under this name it is noted which power mode is to come back. */
  public static final String POWER_BEFORE = "power-before";

  /**
   * Under this name it is noted, while experiments get less of the processor than they had, what
   * that was: a percentage of one core, or {@code all}.
   */
  public static final String THROTTLED = "throttled-from";

  /** Under this name it is noted which power mode an experiment asked for. */
  public static String requestedPowerModeKey(String id) {
    return "power-mode/" + id;
  }

  /** The power mode to come back to. */
  public Optional<CurrentMode> powerBefore() {
    return notes.apply(POWER_BEFORE).flatMap(RestoredState::mode);
  }

  /** A power mode as it is noted: {@code 2 MODE_30W}. */
  public static String text(CurrentMode mode) {
    return mode.id() + " " + mode.name();
  }

  /** The same back; empty if it is none. */
  public static Optional<CurrentMode> mode(String text) {
    int space = text.indexOf(' ');
    if (space < 1
        || space > 9
        || !text.substring(0, space).chars().allMatch(RestoredState::isDigit)) {
      return Optional.empty();
    }
    return Optional.of(
        new CurrentMode(Integer.parseInt(text.substring(0, space)), text.substring(space + 1)));
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }
}
