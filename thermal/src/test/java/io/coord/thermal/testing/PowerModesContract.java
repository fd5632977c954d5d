package io.coord.thermal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.Cores;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModeControl;
import io.coord.thermal.PowerModes;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.testing.SimulatedPowerModes.Trouble;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the coordinator relies on, whatever board it is. */
public abstract class PowerModesContract {

  protected static final CurrentMode MAXN = new CurrentMode(0, "MAXN");
  protected static final CurrentMode MODE_15W = new CurrentMode(2, "MODE_15W");

  /** Three of the modes of an AGX Xavier; only the second one needs a reboot. */
  protected static final PowerModes XAVIER =
      new PowerModes(
          List.of(
              mode(0, "MAXN", 8, "0", OptionalLong.empty()),
              mode(1, "MODE_10W", 2, "5", OptionalLong.of(1_200_000)),
              mode(2, "MODE_15W", 4, "0", OptionalLong.of(1_200_000))),
          2);

  private static PowerMode mode(int id, String name, int cores, String mask, OptionalLong cpu) {
    return new PowerMode(
        id,
        name,
        Cores.parse("0-" + (cores - 1)),
        cores == 8 ? Cores.of() : Cores.parse(cores + "-7"),
        Map.of("TPC_PG_MASK", mask),
        cpu,
        OptionalLong.empty(),
        OptionalLong.empty());
  }

  /** The same object throughout a test; a board with the modes of {@link #XAVIER}, in MAXN. */
  protected abstract PowerModeControl control();

  /** Somebody else puts the board in a mode. */
  protected abstract void set(int id);

  protected abstract void setNone();

  /** What becomes of the next switch that the board could do. */
  protected abstract void nextSwitch(Trouble trouble);

  @Test
  void reportsTheAvailableModes() {
    assertThat(control().modes()).isEqualTo(XAVIER);
  }

  @Test
  void reportsThePresentAndTheLastSetMode() {
    assertThat(control().current()).contains(MAXN);
    assertThat(control().lastSetId()).hasValue(0);
  }

  @Test
  void noticesAChangeByAnotherProgram() {
    set(2);
    assertThat(control().current()).contains(MODE_15W);
    assertThat(control().lastSetId()).isEqualTo(OptionalInt.of(2));
  }

  @Test
  void doesNotSwitchIfNoModeIsSet() {
    setNone();
    assertThat(control().current()).isEmpty();
    assertThat(control().lastSetId()).isEmpty();

    assertThat(control().switchTo(2)).isInstanceOf(SwitchOutcome.Refused.class);

    assertThat(control().current()).isEmpty();
  }

  @Test
  void switchesLiveAndBack() {
    assertThat(control().switchTo(2)).isEqualTo(new SwitchOutcome.Switched(MODE_15W, List.of()));
    assertThat(control().current()).contains(MODE_15W);
    assertThat(control().switchTo(0)).isEqualTo(new SwitchOutcome.Switched(MAXN, List.of()));
    assertThat(control().current()).contains(MAXN);
  }

  @Test
  void switchingToThePresentModeSucceeds() {
    assertThat(control().switchTo(0)).isEqualTo(new SwitchOutcome.Switched(MAXN, List.of()));
  }

  @Test
  void leavesASwitchThatNeedsARebootToAPerson() {
    SwitchOutcome outcome = control().switchTo(1);

    assertThat(outcome).isInstanceOf(SwitchOutcome.NeedsReboot.class);
    assertThat(outcome.sentence())
        .startsWith("cannot switch to power mode 'MODE_10W' (1) without a reboot: ")
        .endsWith("; run 'sudo nvpmodel -m 1'");
    assertThat(control().current()).contains(MAXN);
  }

  @Test
  void refusesAnUnknownMode() {
    SwitchOutcome outcome = control().switchTo(9);

    assertThat(outcome).isInstanceOf(SwitchOutcome.Refused.class);
    assertThat(outcome.sentence()).contains("available modes: 0 MAXN, 1 MODE_10W, 2 MODE_15W");
    assertThat(control().current()).contains(MAXN);
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void aFailedSwitchReportsTheActiveMode(Trouble trouble) {
    nextSwitch(trouble);

    SwitchOutcome outcome = control().switchTo(2);

    assertThat(outcome)
        .isInstanceOf(
            switch (trouble) {
              case REFUSES -> SwitchOutcome.Refused.class;
              case HANGS -> SwitchOutcome.TimedOut.class;
              case ASKS -> SwitchOutcome.NeedsReboot.class;
              case STUCK -> SwitchOutcome.Unverified.class;
            });
    assertThat(outcome.sentence()).startsWith("cannot switch to power mode 'MODE_15W' (2)");
    assertThat(control().current()).contains(MAXN);
  }
}
