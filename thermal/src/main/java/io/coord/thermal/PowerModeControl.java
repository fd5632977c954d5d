package io.coord.thermal;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The power modes of this board, and the only hand on them that the coordinator has. Others may
 * have theirs: a mode may change at any time. Any thread may call; a switch may take minutes, so it
 * does not belong on a thread that must go on.
 */
public interface PowerModeControl {

  /**
   * The modes that there are, read anew.
   *
   * @throws ThermalException if they cannot be read
   */
  PowerModes modes();

  /**
   * The mode that the board is in, by asking it.
   *
   * @return empty if none is set
   * @throws ThermalException if the board does not say so in time or not in words that are known
   */
  Optional<CurrentMode> current();

  /**
   * The id of the mode that the board was last put in, as far as it remembers, without running
   * anything: cheap enough to notice at each reading that somebody else changed the mode.
   *
   * @return empty if it remembers none, or if that cannot be read
   */
  OptionalInt lastSetId();

  /**
   * Puts the board in another mode, if that needs no reboot, and asks it whether it is there. Never
   * reboots. A switch that failed is undone as far as it can be; the outcome says what is there.
   */
  SwitchOutcome switchTo(int id);
}
