package io.coord.thermal.closedloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The governor on a board that warms up, for hours of virtual time and several seeds. */
class ClosedLoopTest {
  private static final long SEEDS = 2;

  static List<Scenario> scenarios() {
    return Scenario.all();
  }

  /** Held where it is told, and as near to critical as can be held. */
  static List<Scenario> heldLowAndHigh() {
    return Stream.concat(
            Scenario.all().stream(), Scenario.all().stream().map(Scenario::heldNearCritical))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("heldLowAndHigh")
  void keepsTheDieBelowCriticalAndDoesNearlyAllPossibleWork(Scenario scenario) {
    double best = ClosedLoop.run(scenario, Policy.ALL_KNOWING, 1).work();
    for (long seed = 1; seed <= SEEDS; seed++) {
      ScenarioOutcome outcome = ClosedLoop.run(scenario, Policy.GOVERNOR, seed);
      assertThat(outcome.temperatures().secondsAboveCritical())
          .as("seconds above critical")
          .isZero();
      assertThat(outcome.work() / best).as("work").isGreaterThanOrEqualTo(scenario.leastWork());
      assertThat(outcome.actions().emergencyStops())
          .as("emergency stops")
          .isLessThanOrEqualTo(scenario.maxStops());
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void doesNotOscillate(Scenario scenario) {
    ScenarioOutcome outcome = ClosedLoop.run(scenario, Policy.GOVERNOR, 1);
    assertThat(outcome.actions().modeChanges()).isLessThanOrEqualTo(10);
    assertThat(outcome.actions().reversals()).isLessThanOrEqualTo(8 * scenario.hours());
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void doesMoreWorkThanStoppingAlone(Scenario held) {
    // Stopping alone lets the board go up to the critical temperature.
    Scenario scenario = held.heldNearCritical();
    ScenarioOutcome stopOnly = ClosedLoop.run(scenario, Policy.STOP_ONLY, 1);
    ScenarioOutcome governor = ClosedLoop.run(scenario, Policy.GOVERNOR, 1);
    if (stopOnly.actions().emergencyStops() > 3) {
      assertThat(governor.work()).isGreaterThan(stopOnly.work());
      assertThat(governor.actions().emergencyStops())
          .isLessThan(stopOnly.actions().emergencyStops());
    } else {
      // Nothing to win: it must cost next to nothing.
      assertThat(governor.work()).isGreaterThan(0.98 * stopOnly.work());
    }
  }

  /** Or the scenarios would prove nothing. */
  @Test
  void withoutAGovernorTheBoardIsAboveCriticalForHours() {
    ScenarioOutcome nothing = ClosedLoop.run(Scenario.all().get(3), Policy.NOTHING, 1);
    assertThat(nothing.temperatures().secondsAboveCritical()).isGreaterThan(3600);
  }
}
