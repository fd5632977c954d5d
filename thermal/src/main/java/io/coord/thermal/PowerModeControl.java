package io.coord.thermal;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The power modes of this board. Other programs may change the mode at any time. Any thread may
 * call; a switch may take minutes and must not run on a thread that has to stay responsive.
 */
public interface PowerModeControl {

  /**
   * The available modes, as configured now.
   *
   * @throws ThermalException if they cannot be read
   */
  PowerModes modes();

  /**
   * The present mode, as the board reports it.
   *
   * @return empty if none is set
   * @throws ThermalException if the board does not answer in time, or the answer is not understood
   */
  Optional<CurrentMode> current();

  /**
   * The id of the mode that was set last, as the board stored it, without running a tool: cheap
   * enough to notice at each reading that another program changed the mode.
   *
   * @return empty if none is stored, or if it cannot be read
   */
  OptionalInt lastSetId();

  /**
   * Switches to another mode if that needs no reboot, and verifies it. Never reboots. A failed
   * switch is undone if possible; the outcome says which mode is active.
   */
  SwitchOutcome switchTo(int id);
}
