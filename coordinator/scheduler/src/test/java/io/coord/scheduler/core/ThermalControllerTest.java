package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.dead;
import static io.coord.scheduler.core.DeciderHarness.killed;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.CpuLimit;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.StoredPowerMode;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerModes;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.testing.SimulatedPowerModes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What is done about heat short of stopping, and what becomes of the power mode. */
class ThermalControllerTest {
  private static final CurrentMode MAXN = new CurrentMode(0, "MAXN");
  private static final CurrentMode MODE_30W = new CurrentMode(2, "MODE_30W");
  private static final CurrentMode MODE_50W = new CurrentMode(3, "MODE_50W");
  private static final PowerModes MODES = SimulatedPowerModes.AGX_ORIN;

  private final DeciderHarness harness = new DeciderHarness(3, 8);

  private void mode(CurrentMode now) {
    harness.happens(
        new Event.PowerSeen(new PowerState.Reading(Optional.of(MODES), Optional.of(now), "", 12)));
  }

  private void throttleIs(OptionalInt percent, boolean frozen) {
    throttleIs(percent, frozen, harness.state.runtime().thermalState().throttle().asked());
  }

  private void throttleIs(OptionalInt percent, boolean frozen, long carriedOut) {
    harness.happens(new Event.ThrottleSeen(new SliceThrottle(percent, frozen), true, carriedOut));
  }

  private void reads(double degrees, int seconds) {
    for (int i = 0; i < seconds; i++) {
      harness.wait(Duration.ofSeconds(1));
      harness.heat(degrees);
    }
  }

  /** Warms up slowly enough that nothing is expected of where it goes. */
  private void warms(double degrees) {
    for (double now = 60; now < degrees; now += 0.1) {
      reads(now, 1);
    }
  }

  /** The board does what it is asked for. */
  private void switched() {
    Effect.SwitchPowerMode asked = last(Effect.SwitchPowerMode.class);
    harness.happens(
        new Event.PowerSwitched(
            asked.to().asCurrent(),
            asked.why(),
            new SwitchOutcome.Switched(asked.to().asCurrent(), List.of())));
    mode(asked.to().asCurrent());
  }

  private <T extends Effect> T last(Class<T> kind) {
    List<T> all = harness.effects(kind);
    assertThat(all).isNotEmpty();
    return all.get(all.size() - 1);
  }

  private List<CurrentMode> modesAsked() {
    return harness.effects(Effect.SwitchPowerMode.class).stream()
        .map(e -> e.to().asCurrent())
        .toList();
  }

  private Optional<StoredPowerMode> modeToRestore() {
    return lastChange(Change.PowerModeBeforeSet.class).flatMap(Change.PowerModeBeforeSet::mode);
  }

  private Optional<CpuLimit> limitToRestore() {
    return lastChange(Change.ThrottledFromSet.class).flatMap(Change.ThrottledFromSet::limit);
  }

  private <T extends Change> Optional<T> lastChange(Class<T> kind) {
    return harness.changes.stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .reduce((earlier, later) -> later);
  }

  // --- heat

  @Test
  void takesALowerLiveModeFirstAndNotesWhichComesBack() {
    mode(MAXN);
    throttleIs(OptionalInt.empty(), false);
    harness.running("a");
    warms(74.9);
    reads(75, 2);
    assertThat(modesAsked()).containsExactly(MODE_50W);
    assertThat(modeToRestore()).contains(new StoredPowerMode(0, "MAXN"));
    assertThat(harness.effects(Effect.SetThrottle.class)).isEmpty();
  }

  // --- the clock of the GPU

  private void gpuIs(int percent, boolean busy, long carriedOut) {
    harness.happens(new Event.GpuSeen(OptionalInt.of(percent), busy, carriedOut));
  }

  /** The GPU works, and it is too hot. */
  private void capped() {
    throttleIs(OptionalInt.empty(), false);
    gpuIs(100, true, 0);
    harness.running("a");
    warms(75);
    reads(75.2, 3);
  }

  @Test
  void capsTheClockOfAGpuThatWorksAndPutsItBack() {
    capped();
    Effect.CapGpu first = last(Effect.CapGpu.class);
    assertThat(first.percent()).isBetween(30, 95);
    assertThat(first.percent() % 5).isZero();
    assertThat(harness.effects(Effect.SetThrottle.class)).isEmpty();
    gpuIs(first.percent() - 1, true, first.number());

    reads(60, 120);
    assertThat(last(Effect.CapGpu.class).percent()).isGreaterThan(first.percent());
    for (int i = 0; i < 40 && last(Effect.CapGpu.class).percent() < 100; i++) {
      gpuIs(last(Effect.CapGpu.class).percent(), true, last(Effect.CapGpu.class).number());
      reads(60, 4);
    }
    assertThat(last(Effect.CapGpu.class).percent()).isEqualTo(100);
    gpuIs(100, true, last(Effect.CapGpu.class).number());
    int all = harness.effects(Effect.CapGpu.class).size();
    reads(60, 30);
    assertThat(harness.effects(Effect.CapGpu.class)).hasSize(all);
  }

  @Test
  void doesNotAskAgainBeforeTheCapWasCarriedOut() {
    capped();
    int all = harness.effects(Effect.CapGpu.class).size();
    assertThat(all).isOne();
    reads(77, 5);
    assertThat(harness.effects(Effect.CapGpu.class)).hasSize(all);
  }

  @Test
  void aClockThatCannotBeCappedIsNotCountedOn() {
    capped();
    for (int i = 0; i < 5; i++) {
      gpuIs(100, true, last(Effect.CapGpu.class).number());
      reads(76, 4);
    }
    assertThat(harness.effects(Effect.CapGpu.class)).hasSize(3);
    assertThat(harness.state.runtime().thermalState().cooling().gpuShare()).isEqualTo(1);
    assertThat(harness.effects(Effect.SetThrottle.class)).isNotEmpty();
  }

  @Test
  void continuesTheCapOfThePreviousCoordinatorAndLiftsIt() {
    throttleIs(OptionalInt.empty(), false);
    gpuIs(60, true, 0);
    assertThat(harness.state.runtime().thermalState().cooling().gpuShare()).isEqualTo(0.6);
    harness.running("a");
    for (int i = 0; i < 60 && harness.state.runtime().thermalState().cooling().active(); i++) {
      reads(50, 4);
      harness.effects(Effect.CapGpu.class).stream()
          .reduce((earlier, later) -> later)
          .ifPresent(cap -> gpuIs(cap.percent(), true, cap.number()));
    }
    reads(50, 4);
    assertThat(last(Effect.CapGpu.class).percent()).isEqualTo(100);
  }

  @Test
  void givesTheModeBackWhenItIsCool() {
    takesALowerLiveModeFirstAndNotesWhichComesBack();
    switched();
    reads(60, 125);
    assertThat(modesAsked()).containsExactly(MODE_50W, MAXN);
    switched();
    assertThat(modeToRestore()).isEmpty();
    reads(60, 120);
    assertThat(modesAsked()).hasSize(2);
  }

  @Test
  void skipsAModeThatCouldNotBeSet() {
    takesALowerLiveModeFirstAndNotesWhichComesBack();
    harness.happens(
        new Event.PowerSwitched(MODE_50W, "heat", new SwitchOutcome.Refused("the tool says no")));
    reads(84, 20);
    ThermalState thermalState = harness.state.runtime().thermalState();
    assertThat(thermalState.cooling().modeSteps()).isZero();
    assertThat(thermalState.cooling().share()).isLessThan(1);
    assertThat(thermalState.cooling().reason()).doesNotContain("power mode");
  }

  @Test
  void storesTheModeToRestoreBeforeASwitch() {
    mode(MAXN);
    throttleIs(OptionalInt.empty(), false);
    harness.running("a");
    harness.ledgerFails(true);
    warms(76);
    assertThat(modesAsked()).isEmpty();
    assertThat(harness.effects(Effect.SetThrottle.class)).isEmpty();
    harness.ledgerFails(false);
    reads(76, 1);
    assertThat(modesAsked()).isNotEmpty();
    assertThat(modeToRestore()).contains(new StoredPowerMode(0, "MAXN"));
  }

  @Test
  void neverChoosesAModeThatNeedsAReboot() {
    mode(MODE_30W);
    throttleIs(OptionalInt.empty(), false);
    reads(84, 60);
    assertThat(modesAsked()).isEmpty();
  }

  @Test
  void limitsTheCpuInProportionToTheQuotasUntilInForce() {
    mode(MODE_30W);
    throttleIs(OptionalInt.empty(), false);
    harness.running("a");
    reads(84, 60);
    SliceThrottle wanted = last(Effect.SetThrottle.class).throttle();
    assertThat(wanted.percentOfOneCore().orElseThrow())
        .isLessThan(Limits.DEFAULT_CPU_PERCENT)
        .isPositive();
    int calls = harness.effects(Effect.SetThrottle.class).size();
    reads(83.5, 3);
    assertThat(harness.effects(Effect.SetThrottle.class)).hasSizeGreaterThan(calls);
    assertThat(limitToRestore()).contains(new CpuLimit(OptionalInt.empty()));
  }

  /** A call that hangs holds up the settings behind it: one of them may come into force later. */
  @Test
  void keepsTheLimitToRestoreWhileAnEarlierSettingWaits() {
    throttleIs(OptionalInt.empty(), false);
    harness.running("a");
    reads(84.5, 30);
    Effect.SetThrottle limits = last(Effect.SetThrottle.class);
    assertThat(limits.throttle()).isNotEqualTo(SliceThrottle.NONE);
    assertThat(limitToRestore()).contains(new CpuLimit(OptionalInt.empty()));
    reads(50, 300);
    assertThat(limitToRestore()).as("nothing is in force yet").isPresent();
    throttleIs(OptionalInt.empty(), false, limits.number());
    reads(50, 1);
    assertThat(limitToRestore()).as("the last one waits").isPresent();
    Effect.SetThrottle restores = last(Effect.SetThrottle.class);
    assertThat(restores.throttle()).isEqualTo(SliceThrottle.NONE);
    assertThat(restores.number()).isGreaterThan(limits.number());
    throttleIs(OptionalInt.empty(), false, restores.number());
    reads(50, 1);
    assertThat(limitToRestore()).isEmpty();
  }

  @Test
  void limitsTheSliceToTheLargestQuotaWithCgroupV1() {
    harness.happens(new Event.ThrottleSeen(SliceThrottle.NONE, false, 0));
    harness.running(asked("a", "'cpu': '50%'"));
    harness.running(asked("b", "'cpu': '90%'"));
    reads(84.5, 120);
    assertThat(last(Effect.SetThrottle.class).throttle().percentOfOneCore()).hasValue(90);
  }

  @Test
  void restoresTheAdministratorsLimit() {
    mode(MODE_30W);
    throttleIs(OptionalInt.of(300), false);
    reads(84, 60);
    assertThat(limitToRestore()).contains(new CpuLimit(OptionalInt.of(300)));
    throttleIs(last(Effect.SetThrottle.class).throttle().percentOfOneCore(), false);
    reads(50, 120);
    assertThat(last(Effect.SetThrottle.class).throttle())
        .isEqualTo(new SliceThrottle(OptionalInt.of(300), false));
    throttleIs(OptionalInt.of(300), false);
    reads(50, 1);
    assertThat(limitToRestore()).isEmpty();
  }

  @Test
  void thawsBeforeItStopsAll() {
    throttleIs(OptionalInt.empty(), true);
    harness.running("a");
    harness.forget();
    reads(86, 1);
    List<Effect> effects =
        harness.effects.stream()
            .filter(e -> e instanceof Effect.SetThrottle || e instanceof Effect.Stop)
            .toList();
    assertThat(effects.get(0)).isInstanceOf(Effect.SetThrottle.class);
    assertThat(((Effect.SetThrottle) effects.get(0)).throttle().frozen()).isFalse();
    assertThat(effects.get(1)).isEqualTo(new Effect.Stop("a"));
  }

  @Test
  void thawsASliceThatIsReportedThawed() {
    throttleIs(OptionalInt.empty(), false);
    harness.running("a");
    reads(80, 5);
    reads(82.5, 1);
    reads(84.5, 1);
    assertThat(last(Effect.SetThrottle.class).throttle().frozen()).isTrue();
    // A stop of one of several thaws the slice, and leaves the others as they are.
    throttleIs(last(Effect.SetThrottle.class).throttle().percentOfOneCore(), false);
    harness.forget();
    reads(74, 1);
    assertThat(harness.effects(Effect.SetThrottle.class)).anyMatch(e -> !e.throttle().frozen());
  }

  /** Two threads report the slice; what was read first may arrive last. */
  @Test
  void whatWasReadBeforeALaterSettingIsNotInForceAnyMore() {
    throttleIs(OptionalInt.of(20), false, 2);
    throttleIs(OptionalInt.of(40), false, 1);
    assertThat(harness.state.runtime().thermalState().throttle().inForce())
        .contains(new SliceThrottle(OptionalInt.of(20), false));
  }

  @Test
  void doesNotFreezeAServiceWithAWatchdog() {
    throttleIs(OptionalInt.empty(), false);
    harness.running(asked("a", "'watchdog': '10s'"));
    reads(80, 5);
    reads(82.5, 1);
    reads(84.5, 1);
    assertThat(harness.effects(Effect.SetThrottle.class)).noneMatch(e -> e.throttle().frozen());
  }

  @Test
  void killsBeforeTheBoundOfAnEmergencyStop() {
    harness.running("a");
    reads(86, 8);
    assertThat(harness.effects(Effect.KillAll.class)).isEmpty();
    reads(86, 1);
    assertThat(harness.effects(Effect.KillAll.class)).containsExactly(new Effect.KillAll("a"));
  }

  @Test
  void takesOverTheThrottleOfAKilledDaemon() {
    DeciderHarness next =
        DeciderHarness.after(
            new CoordinatorState(
                Optional.empty(),
                Optional.empty(),
                Optional.of(new CpuLimit(OptionalInt.empty()))));
    next.running("a");
    next.happens(new Event.ThrottleSeen(new SliceThrottle(OptionalInt.of(40), false), true, 0));
    assertThat(next.state.runtime().thermalState().cooling().share()).isEqualTo(0.5);
    for (int i = 0; i < 120; i++) {
      next.wait(Duration.ofSeconds(1));
      next.heat(50);
    }
    List<Effect.SetThrottle> all = next.effects(Effect.SetThrottle.class);
    assertThat(all.get(all.size() - 1).throttle()).isEqualTo(SliceThrottle.NONE);
  }

  // --- an experiment's own limit

  @Test
  void stopsAboveTheExperimentsLimitAndRequeuesWhenCool() {
    harness.running(asked("a", "'max_temp_celsius': 60"));
    harness.running("b");
    reads(61, 1);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.RUNNING);
    harness.sees("a", dead(run(1), "success"), killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    reads(56, 60);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    assertThat(harness.why("a")).contains("below 55 °C (5 °C under the experiment's limit)");
    reads(54, 9);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    reads(54, 3);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void doesNotStartAboveTheExperimentsLimit() {
    reads(58, 1);
    harness.enqueue(asked("a", "'max_temp_celsius': 60"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.why("a")).startsWith("waits until below 55 °C");
  }

  // --- the power mode that an experiment asks for

  @Test
  void switchesTheModeForAnExperimentAndBack() {
    mode(MAXN);
    harness.enqueue(asked("a", "'nvpmodel_mode': 'mode_50w'"));
    assertThat(modesAsked()).containsExactly(MODE_50W);
    assertThat(harness.why("a")).isEqualTo("waits for power mode 'MODE_50W' (3)");
    assertThat(harness.state.requestedPowerMode("a")).contains(MODE_50W);
    switched();
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    harness.completes("a", 1);
    reads(40, 1);
    assertThat(modesAsked()).containsExactly(MODE_50W, MAXN);
    assertThat(harness.state.requestedPowerMode("a")).isEmpty();
  }

  @Test
  void waitsForAnExperimentInAnotherMode() {
    mode(MAXN);
    harness.enqueue(asked("a", "'nvpmodel_mode': 'MAXN'"));
    harness.sees("a", up(run(1)));
    harness.enqueue(asked("b", "'nvpmodel_mode': 'MODE_50W'"));
    assertThat(modesAsked()).isEmpty();
    assertThat(harness.why("b")).contains("'a' runs in power mode 'MAXN' (0)");
    harness.enqueue(DeciderHarness.spec("c"));
    assertThat(harness.stateOf("c")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void saysWhichCommandAModeNeedsThatNeedsAReboot() {
    mode(MODE_30W);
    harness.enqueue(asked("a", "'nvpmodel_mode': 'MAXN'"));
    assertThat(modesAsked()).isEmpty();
    assertThat(harness.why("a")).contains("needs a reboot").contains("sudo nvpmodel -m 0");
  }

  @Test
  void refusesAModeThatTheBoardDoesNotHave() {
    mode(MODE_30W);
    RequestOutcome answer = harness.enqueue(asked("a", "'nvpmodel_mode': 'MODE_40W'"));
    assertThat(((RequestOutcome.Refused) answer).refusal().message())
        .contains("MODE_40W")
        .contains("MODE_30W");
  }

  @Test
  void triesASwitchThatFailedAgainOnlyLater() {
    mode(MAXN);
    harness.enqueue(asked("a", "'nvpmodel_mode': 'MODE_50W'"));
    harness.happens(
        new Event.PowerSwitched(
            MODE_50W, "requested by an experiment", new SwitchOutcome.Refused("the tool says no")));
    reads(40, 30);
    assertThat(modesAsked()).hasSize(1);
    assertThat(harness.why("a")).contains("the tool says no");
    harness.wait(Duration.ofMinutes(11));
    reads(40, 1);
    assertThat(modesAsked()).hasSize(2);
  }

  @Test
  void keepsAModeSetByAnotherProgram() {
    takesALowerLiveModeFirstAndNotesWhichComesBack();
    switched();
    mode(MODE_30W);
    reads(50, 200);
    assertThat(modesAsked()).containsExactly(MODE_50W);
    assertThat(modeToRestore()).isEmpty();
  }

  @Test
  void takesOverTheLowerModeOfAKilledDaemon() {
    DeciderHarness next =
        DeciderHarness.after(
            new CoordinatorState(
                Optional.empty(), Optional.of(new StoredPowerMode(0, "MAXN")), Optional.empty()));
    next.running("a");
    next.happens(
        new Event.PowerSeen(
            new PowerState.Reading(Optional.of(MODES), Optional.of(MODE_50W), "", 12)));
    assertThat(next.state.runtime().thermalState().cooling().modeSteps()).isEqualTo(1);
    next.wait(Duration.ofSeconds(1));
    next.heat(50);
    assertThat(next.effects(Effect.SwitchPowerMode.class))
        .extracting(e -> e.to().asCurrent())
        .containsExactly(MAXN);
  }

  @Test
  void doesNothingAboutWarmthThatStays() {
    mode(MAXN);
    throttleIs(OptionalInt.empty(), false);
    harness.running("a");
    warms(74);
    reads(74, 300);
    assertThat(modesAsked()).isEmpty();
    assertThat(harness.effects(Effect.SetThrottle.class)).isEmpty();
  }

  @Test
  void keepsTheModeWhileNothingRuns() {
    mode(MAXN);
    throttleIs(OptionalInt.empty(), false);
    reads(80, 300);
    reads(50, 300);
    assertThat(modesAsked()).isEmpty();
  }

  @Test
  void restoresTheCpuLimitForAnEmergencyStop() {
    mode(MODE_30W);
    throttleIs(OptionalInt.empty(), false);
    harness.running("a");
    reads(84, 60);
    SliceThrottle limited = last(Effect.SetThrottle.class).throttle();
    assertThat(limited.percentOfOneCore()).isPresent();
    throttleIs(limited.percentOfOneCore(), limited.frozen());
    reads(85, 1);
    assertThat(last(Effect.SetThrottle.class).throttle()).isEqualTo(SliceThrottle.NONE);
  }

  @Test
  void startsOneMoreFromTimeToTimeWhileHeatIsHeld() {
    throttleIs(OptionalInt.empty(), false);
    harness.running("a");
    reads(75, 11);
    harness.enqueue(DeciderHarness.spec("b"));
    harness.enqueue(DeciderHarness.spec("c"));
    harness.forget();
    assertThat(harness.why("b")).contains("the next start is in 290 s at the earliest");
    reads(75, 288);
    assertThat(harness.dispatched()).isEmpty();
    reads(75, 4);
    assertThat(harness.dispatched()).containsExactly("b");
    reads(75, 295);
    assertThat(harness.dispatched()).containsExactly("b");
    reads(75, 5);
    assertThat(harness.dispatched()).containsExactly("b", "c");
  }

  @Test
  void saysWhatKeepsOneMoreFromStartingWhileHeatIsHeld() {
    mode(MODE_30W);
    throttleIs(OptionalInt.empty(), false);
    harness.running("a");
    reads(74, 30);
    reads(75, 1);
    harness.enqueue(DeciderHarness.spec("b"));
    harness.forget();
    assertThat(harness.why("b")).contains("no start while it rises");
    reads(76, 60);
    assertThat(harness.why("b")).contains("76.0 °C, is above the held 75 °C");
    reads(75, 400);
    assertThat(harness.why("b")).contains("needs 20 %");
    assertThat(harness.dispatched()).isEmpty();
  }
}
