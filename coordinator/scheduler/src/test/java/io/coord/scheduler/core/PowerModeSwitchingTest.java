package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.CoordinatorState;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.StoredPowerMode;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.testing.Samples;
import io.coord.thermal.CurrentMode;
import io.coord.thermal.PowerMode;
import io.coord.thermal.PowerModes;
import io.coord.thermal.SwitchOutcome;
import io.coord.thermal.testing.SimulatedPowerModes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which power mode the board is switched to, and what the tool's answers mean. */
class PowerModeSwitchingTest {
  private static final PowerModes MODES = SimulatedPowerModes.AGX_ORIN;
  private static final CurrentMode MAXN = new CurrentMode(0, "MAXN");
  private static final CurrentMode MODE_50W = new CurrentMode(3, "MODE_50W");

  private DeciderHarness harness = new DeciderHarness(4, 8);

  private static Event seen(PowerModes modes, Optional<CurrentMode> now, String problem) {
    return new Event.PowerSeen(new PowerState.Reading(Optional.of(modes), now, problem, 12));
  }

  private void mode(CurrentMode now) {
    harness.happens(seen(MODES, Optional.of(now), ""));
  }

  private void unknown(String problem) {
    harness.happens(seen(MODES, Optional.empty(), problem));
  }

  private void answers(CurrentMode wanted, SwitchOutcome outcome) {
    harness.happens(new Event.PowerSwitched(wanted, "a test", outcome));
  }

  private void refuses(CurrentMode wanted) {
    answers(wanted, new SwitchOutcome.Refused("NVPM ERROR: 13"));
  }

  /** The board does what it was asked for last. */
  private void switched() {
    List<CurrentMode> asked = modesAsked();
    CurrentMode to = asked.get(asked.size() - 1);
    answers(to, new SwitchOutcome.Switched(to, List.of()));
    mode(to);
  }

  private List<CurrentMode> modesAsked() {
    return harness.effects(Effect.SwitchPowerMode.class).stream()
        .map(effect -> effect.to().asCurrent())
        .toList();
  }

  private Optional<CurrentMode> toRestore() {
    return harness.state.runtime().thermalState().power().before();
  }

  private int modeSteps() {
    return harness.state.runtime().thermalState().cooling().modeSteps();
  }

  private void reads(double degrees, int seconds) {
    for (int i = 0; i < seconds; i++) {
      harness.wait(Duration.ofSeconds(1));
      harness.heat(degrees);
    }
  }

  private void enqueueFor(String id, String name) {
    harness.enqueue(asked(id, "'nvpmodel_mode': '%s'".formatted(name)));
  }

  // --- two modes

  @Test
  void onlyWhatFitsTheTargetStartsDuringASwitch() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    enqueueFor("b", "MAXN");
    harness.enqueue(DeciderHarness.spec("c"));
    enqueueFor("d", "MODE_50W");
    reads(40, 6);
    assertThat(harness.dispatched()).containsExactly("c");
    assertThat(harness.why("a")).isEqualTo("waits for power mode 'MODE_50W' (3)");
    assertThat(harness.why("b"))
        .isEqualTo(
            "power mode 'MAXN' (0) requested; the board is being switched to power mode 'MODE_50W'"
                + " (3)");

    switched();

    assertThat(harness.dispatched()).containsExactly("c", "a", "d");
    assertThat(harness.why("b")).contains("runs in power mode 'MODE_50W' (3)");
    harness.completes("a", 1);
    reads(40, 600);
    assertThat(modesAsked()).as("no switch while 'd' runs").containsExactly(MODE_50W);
    harness.completes("d", 2);
    assertThat(modesAsked()).containsExactly(MODE_50W, MAXN);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.QUEUED);
    switched();
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.STARTING);
    assertThat(toRestore()).isEmpty();
  }

  @Test
  void modesOfWhatRunsPrevail() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    switched();
    // Another program changes the mode, which is that of another experiment.
    mode(MAXN);
    enqueueFor("b", "MAXN");
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.QUEUED);
    assertThat(modesAsked()).containsExactly(MODE_50W, MODE_50W);
    switched();
    reads(40, 600);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.QUEUED);
    assertThat(modesAsked()).hasSize(2);
  }

  @Test
  void restoresTheModeAtOnceWhenTheExperimentEnds() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    switched();
    harness.completes("a", 1);
    assertThat(modesAsked()).containsExactly(MODE_50W, MAXN);
  }

  @Test
  void keepsTheModeForTheNextThatWantsIt() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    switched();
    harness.enqueue(asked("b", "'nvpmodel_mode': 'MODE_50W', 'after': ['a']"));
    harness.completes("a", 1);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.STARTING);
    assertThat(modesAsked()).containsExactly(MODE_50W);
  }

  @Test
  void doesNotSwitchThereAndBackForAnExperimentThatCannotStart() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    switched();
    for (int minute = 0; minute < 60; minute++) {
      if (harness.stateOf("a") == ExperimentState.STARTING) {
        harness.happens(
            new Event.DispatchFailed("a", "no such folder", Event.DispatchFailed.Fault.PASSING));
      }
      reads(40, 60);
    }
    assertThat(modesAsked()).containsExactly(MODE_50W);
  }

  // --- what the tool says, and what is read back

  @Test
  void aModeThatIsReadBackAfterAFailureIsOurs() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    answers(MODE_50W, new SwitchOutcome.Unverified(Optional.of(MODE_50W), "NVPM ERROR: 13"));
    mode(MODE_50W);
    assertThat(toRestore()).contains(MAXN);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    harness.completes("a", 1);
    assertThat(modesAsked()).containsExactly(MODE_50W, MAXN);
  }

  @Test
  void aModeThatComesLateIsOurs() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    answers(MODE_50W, new SwitchOutcome.Unverified(Optional.empty(), "no answer within 60 s"));
    unknown("no answer within 10 s");
    reads(40, 30);
    mode(MODE_50W);
    assertThat(toRestore()).contains(MAXN);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    harness.completes("a", 1);
    assertThat(modesAsked()).containsExactly(MODE_50W, MAXN);
  }

  @Test
  void leavesAModeThatASwitchHasEndedIn() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    CurrentMode other = new CurrentMode(9, "OTHER");
    PowerModes more = with(mode(9, "OTHER", 1_000_000));
    harness.happens(seen(more, Optional.of(MAXN), ""));
    answers(MODE_50W, new SwitchOutcome.Unverified(Optional.of(other), "half of it is done"));
    harness.happens(seen(more, Optional.of(other), ""));
    assertThat(modesAsked()).containsExactly(MODE_50W, MAXN);
    assertThat(toRestore()).contains(MAXN);
  }

  @Test
  void recordsWhatTheToolComplainedAbout() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    answers(MODE_50W, new SwitchOutcome.Switched(MODE_50W, List.of("NVPM ERROR: EMC")));
    assertThat(harness.effects(Effect.RecordThermalAction.class))
        .anyMatch(
            recorded ->
                recorded.step().what().equals("power mode 'MODE_50W' (3)")
                    && recorded.step().why().endsWith("; NVPM ERROR: EMC"));
  }

  @Test
  void anAnswerThatIsNotUnderstoodIsNotAChange() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    switched();
    unknown("the answer is not understood: '?'");
    enqueueFor("b", "MODE_50W");
    assertThat(harness.why("b"))
        .isEqualTo("power mode 'MODE_50W' (3) requested; the answer is not understood: '?'");
    mode(MODE_50W);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.STARTING);
    assertThat(toRestore()).contains(MAXN);
    assertThat(modeSteps()).isZero();
    harness.completes("a", 1);
    harness.completes("b", 2);
    assertThat(modesAsked()).containsExactly(MODE_50W, MAXN);
  }

  @Test
  void noticesAChangeByOthersWhileTheModeCouldNotBeRead() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    switched();
    harness.completes("a", 1);
    switched();
    unknown("the answer is empty");
    mode(MODE_50W);
    reads(40, 200);
    assertThat(modesAsked()).as("the other program's mode is kept").hasSize(2);
    assertThat(toRestore()).isEmpty();
  }

  // --- attempts

  @Test
  void attemptsEnd() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertThat(modesAsked()).hasSize(attempt);
      refuses(MODE_50W);
      mode(MAXN);
      reads(40, 700);
    }
    reads(40, 3600);
    assertThat(modesAsked()).hasSize(3);
    assertThat(harness.why("a"))
        .isEqualTo(
            "power mode 'MODE_50W' (3) is not available: NVPM ERROR: 13; not tried again until the"
                + " mode is set with 'sudo nvpmodel -m 3' or coord is restarted");
    assertThat(awaitsPerson("a")).isPresent();
    mode(MODE_50W);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void whatNeedsARebootIsNotTriedAgain() {
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    PowerMode mode = MODES.find(3).orElseThrow();
    answers(MODE_50W, new SwitchOutcome.NeedsReboot(mode, "the tool asks for one"));
    mode(MAXN);
    reads(40, 3600);
    assertThat(modesAsked()).hasSize(1);
    assertThat(harness.why("a")).contains("without a reboot: the tool asks for one");
    assertThat(awaitsPerson("a")).isPresent();
  }

  private Optional<String> awaitsPerson(String id) {
    return harness.decider.awaitsPerson(harness.state, harness.experiment(id), harness.moment());
  }

  /** With two modes that fail in turn, each is tried only as often as one alone. */
  @Test
  void attemptsWithSeveralModesEnd() {
    PowerModes two = with(mode(9, "LOWEST", 800_000));
    harness.happens(seen(two, Optional.of(MAXN), ""));
    enqueueFor("a", "MODE_50W");
    enqueueFor("b", "LOWEST");
    for (int i = 0; i < 100; i++) {
      List<CurrentMode> asked = modesAsked();
      if (!asked.isEmpty() && harness.state.runtime().thermalState().power().asked().isPresent()) {
        refuses(asked.get(asked.size() - 1));
      }
      reads(40, 60);
    }
    assertThat(modesAsked()).hasSize(6);
  }

  private static PowerModes with(PowerMode more) {
    List<PowerMode> all = new ArrayList<>(MODES.modes());
    all.add(more);
    return new PowerModes(all, 2);
  }

  private static PowerMode mode(int id, String name, long cpuKilohertz) {
    PowerMode like = MODES.find(3).orElseThrow();
    return new PowerMode(
        id,
        name,
        like.online(),
        like.offline(),
        like.gatingMasks(),
        OptionalLong.of(cpuKilohertz),
        like.gpuMaxHertz(),
        like.emcMaxHertz());
  }

  // --- requests

  @Test
  void aRequestBeforeTheFirstReadingIsToBeRepeated() {
    RequestOutcome answer = harness.enqueue(asked("a", "'nvpmodel_mode': 'MODE_50W'"));
    Refusal refusal = ((RequestOutcome.Refused) answer).refusal();
    assertThat(refusal.kind()).isEqualTo(Refusal.Kind.NOT_NOW);
    assertThat(refusal.message())
        .isEqualTo(
            "cannot enqueue 'a': requests power mode 'MODE_50W', but the power modes were not read"
                + " yet; try again in a few seconds; nothing was enqueued");
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    assertThat(modesAsked()).containsExactly(MODE_50W);
  }

  @ParameterizedTest
  @ValueSource(strings = {"7.5W", "50W(AI)", "7W AI"})
  void acceptsWhateverTheTableHas(String name) {
    harness.happens(seen(with(mode(9, name, 1_000_000)), Optional.of(MAXN), ""));
    enqueueFor("a", name);
    assertThat(modesAsked()).containsExactly(new CurrentMode(9, name));
    switched();
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
  }

  // --- after a kill

  private void killedIn50W() {
    harness =
        DeciderHarness.after(
            new CoordinatorState(
                Optional.empty(), Optional.of(new StoredPowerMode(0, "MAXN")), Optional.empty()));
  }

  @Test
  void aRequestedModeIsNotTakenForCooling() {
    killedIn50W();
    runsSince("a");
    mode(MODE_50W);
    assertThat(modeSteps()).isZero();
    reads(73, 20);
    assertThat(modesAsked()).isEmpty();
    harness.completes("a", 2);
    assertThat(modesAsked()).as("at once, although it is warm").containsExactly(MAXN);
  }

  @Test
  void aModeThatWasRequestedByWhatHasEndedMeanwhileIsRestoredAtOnce() {
    killedIn50W();
    harness.running("other");
    runsSince("a");
    harness.resync(
        DeciderHarness.BOOT,
        harness.seen("a", Optional.empty(), DeciderHarness.killed(run(2), "KILL")),
        harness.seen("other", Optional.of(up(run(1)))));
    reads(73, 3);
    harness.stop("a");
    assertThat(harness.state.active()).hasSize(1);
    mode(MODE_50W);
    assertThat(modesAsked()).containsExactly(MAXN);
  }

  @Test
  void aModeLeftForWhatWaitsIsKeptForIt() {
    killedIn50W();
    mode(MAXN);
    enqueueFor("a", "MODE_50W");
    assertThat(modesAsked()).containsExactly(MODE_50W);
    DeciderHarness next = harness;
    next.happens(new Event.PowerSwitched(MODE_50W, "a test", new SwitchOutcome.Refused("no")));
    mode(MODE_50W);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    assertThat(modesAsked()).containsExactly(MODE_50W);
  }

  @Test
  void whileNothingRunsALeftModeIsRestoredAtOnce() {
    killedIn50W();
    reads(73, 3);
    mode(MODE_50W);
    assertThat(modeSteps()).isZero();
    assertThat(modesAsked()).containsExactly(MAXN);
  }

  /** An experiment for which the previous coordinator has set the mode runs. */
  private void runsSince(String id) {
    unknown("not read");
    enqueueFor(id, "MODE_50W");
    harness.takesOver(id, Samples.unmanaged(id, run(2)));
    harness.sees(id, up(run(2)));
    assertThat(harness.stateOf(id)).isEqualTo(ExperimentState.RUNNING);
  }
}
