package io.coord.thermal.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerModeControl;
import io.coord.thermal.ThermalException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SimulatedPowerModesTest {

  @Nested
  class Contract extends PowerModesContract {
    private final SimulatedPowerModes board = new SimulatedPowerModes(XAVIER);

    @BeforeEach
    void inMaxn() {
      board.set(0);
    }

    @Override
    protected PowerModeControl control() {
      return board;
    }

    @Override
    protected void set(int id) {
      board.set(id);
    }

    @Override
    protected void setNone() {
      board.setNone();
    }

    @Override
    protected void nextSwitch(SimulatedPowerModes.Trouble trouble) {
      board.nextSwitch(trouble);
    }
  }

  @Test
  void startsAsAnOrinInItsDefaultMode() {
    assertThat(new SimulatedPowerModes().current()).contains(new CurrentMode(2, "MODE_30W"));
  }

  @Test
  void injectsAFaultForOneSwitchAndCountsSwitches() {
    SimulatedPowerModes board = new SimulatedPowerModes();
    board.set(0);
    board.nextSwitch(SimulatedPowerModes.Trouble.HANGS);

    board.switchTo(3);
    board.switchTo(3);
    board.switchTo(3);
    board.switchTo(0);

    assertThat(board.switches()).containsExactly(3, 0);
  }

  @Test
  void aSilentBoardStillReportsTheLastSetMode() {
    SimulatedPowerModes board = new SimulatedPowerModes();
    board.silent(true);

    assertThatThrownBy(board::current).isInstanceOf(ThermalException.class);
    assertThat(board.lastSetId()).hasValue(2);
  }
}
