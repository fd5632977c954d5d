package io.coord.thermal;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.thermal.testing.SimulatedPowerModes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PowerModePlanTest {
  private static final PowerModes ORIN = SimulatedPowerModes.AGX_ORIN;
  private static final CurrentMode MAXN = new CurrentMode(0, "MAXN");
  private static final CurrentMode MODE_30W = new CurrentMode(2, "MODE_30W");
  private static final CurrentMode MODE_50W = new CurrentMode(3, "MODE_50W");
  private static final PowerMode TO_50W = ORIN.find(3).orElseThrow();

  private static PowerModePlan plan(
      CurrentMode now, CurrentMode wanted, PowerModePlan.RunningExperiment... others) {
    return PowerModePlan.of(ORIN, Optional.of(now), List.of(others), Optional.of(wanted));
  }

  private static PowerModePlan.RunningExperiment runs(String id, CurrentMode wanted) {
    return new PowerModePlan.RunningExperiment(id, Optional.of(wanted));
  }

  @Test
  void resolvesARequestToIdAndName() {
    assertThat(PowerModePlan.resolve(ORIN, "2")).isEqualTo(new PowerModePlan.Resolved(MODE_30W));
    assertThat(PowerModePlan.resolve(ORIN, "mode_30w"))
        .isEqualTo(new PowerModePlan.Resolved(MODE_30W));
  }

  @Test
  void anUnknownRequestListsSimilarNames() {
    assertThat(PowerModePlan.resolve(ORIN, "MODE_35W"))
        .isEqualTo(
            new PowerModePlan.Unknown(
                "this board has no power mode 'MODE_35W'; similar: 'MODE_15W', 'MODE_30W',"
                    + " 'MODE_50W'; available modes: 0 MAXN, 1 MODE_15W, 2 MODE_30W, 3 MODE_50W"));
  }

  @Test
  void runsInAnyModeWithoutARequest() {
    assertThat(PowerModePlan.of(ORIN, Optional.empty(), List.of(runs("a", MAXN)), Optional.empty()))
        .isEqualTo(new PowerModePlan.RunsAsIs());
  }

  @Test
  void runsInTheRequestedModeBesideOthersThatRequestNoOther() {
    assertThat(plan(MAXN, MAXN, runs("a", MAXN))).isEqualTo(new PowerModePlan.RunsAsIs());
  }

  @Test
  void waitsInTheRequestedModeForOthersThatAreStillToGetTheirs() {
    assertThat(plan(MAXN, MAXN, runs("a", MODE_50W)))
        .isEqualTo(
            new PowerModePlan.Waits(
                "power mode 'MAXN' (0) requested; 'a' runs in power mode 'MODE_50W' (3)"));
  }

  @Test
  void switchesToALiveMode() {
    assertThat(plan(MAXN, MODE_50W)).isEqualTo(new PowerModePlan.SwitchFirst(TO_50W));
  }

  @Test
  void othersWithoutARequestDoNotPreventASwitch() {
    assertThat(plan(MAXN, MODE_50W, new PowerModePlan.RunningExperiment("a", Optional.empty())))
        .isEqualTo(new PowerModePlan.SwitchFirst(TO_50W));
  }

  @Test
  void othersWithTheSameRequestDoNotPreventASwitch() {
    // Somebody else has changed the mode since.
    assertThat(plan(MAXN, MODE_50W, runs("a", MODE_50W)))
        .isEqualTo(new PowerModePlan.SwitchFirst(TO_50W));
  }

  @Test
  void waitsForOthersWithAnotherRequest() {
    assertThat(plan(MAXN, MODE_50W, runs("b", MODE_50W), runs("a", MAXN)))
        .isEqualTo(
            new PowerModePlan.Waits(
                "power mode 'MODE_50W' (3) requested; 'a' runs in power mode 'MAXN' (0)"));
  }

  @Test
  void leavesARebootToAPerson() {
    PowerModePlan.NeedsReboot plan =
        (PowerModePlan.NeedsReboot) plan(MODE_30W, MAXN, runs("a", MODE_30W));
    assertThat(plan.command()).isEqualTo("sudo nvpmodel -m 0");
    assertThat(plan.reason())
        .isEqualTo("power mode 'MAXN' (0) needs a reboot; run 'sudo nvpmodel -m 0'");
  }

  @Test
  void waitsIfTheBoardsModeIsUnsetOrUnknown() {
    assertThat(PowerModePlan.of(ORIN, Optional.empty(), List.of(), Optional.of(MAXN)))
        .isEqualTo(
            new PowerModePlan.Waits(
                "power mode 'MAXN' (0) requested; the board's power mode is not known, and a switch"
                    + " may need a reboot"));
    assertThat(plan(new CurrentMode(0, "MINE"), MAXN))
        .isEqualTo(
            new PowerModePlan.Waits(
                "power mode 'MAXN' (0) requested; the board is in 'MINE' (0), which is not in its"
                    + " configuration"));
  }

  @Test
  void refusesTheModeOfAnotherBoard() {
    assertThat(plan(MAXN, new CurrentMode(2, "MAXN_SUPER")))
        .isEqualTo(
            new PowerModePlan.Refused(
                "power mode 'MAXN_SUPER' (2) does not exist on this board any more; available"
                    + " modes: 0 MAXN, 1 MODE_15W, 2 MODE_30W, 3 MODE_50W"));
    assertThat(plan(new CurrentMode(2, "MAXN_SUPER"), new CurrentMode(2, "MAXN_SUPER")))
        .isInstanceOf(PowerModePlan.Refused.class);
  }
}
