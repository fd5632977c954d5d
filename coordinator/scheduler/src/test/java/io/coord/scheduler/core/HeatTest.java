package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.RunEnd.Cause;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.testing.Samples;
import org.junit.jupiter.api.Test;

class HeatTest {
  private final DeciderHarness desk = new DeciderHarness(3, 8);

  @Test
  void lets75DegreesKeepWhatRuns() {
    desk.running("a");
    desk.heat(76);
    assertThat(desk.effects(Effect.Stop.class)).isEmpty();
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
  }

  @Test
  void stopsEverythingAt85Degrees() {
    desk.running("a");
    desk.enqueue(spec("starting"));
    desk.forget();
    desk.heat(86);
    assertThat(desk.effects(Effect.Stop.class))
        .extracting(Effect.Stop::id)
        .containsExactly("a", "starting");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    assertThat(desk.stateOf("starting")).isEqualTo(ExperimentState.STOPPING);
  }

  @Test
  void asksAgainForAStopAtEachReading() {
    desk.running("a");
    desk.heat(86);
    desk.forget();
    desk.heat(87);
    assertThat(desk.effects(Effect.Stop.class)).hasSize(1);
    assertThat(desk.changes).isEmpty();
  }

  @Test
  void bringsBackWhatItStoppedInItsOldOrder() {
    DeciderHarness one = new DeciderHarness(1, 8);
    one.running("a");
    one.enqueue(spec("urgent", 9, 1));
    one.heat(86);
    one.sees("a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    assertThat(one.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    assertThat(one.causes()).containsExactly(Cause.HEAT);
    assertThat(one.experiment("a").counts().crashes()).isZero();
    assertThat(one.experiment("a").counts().interruptions()).isEqualTo(1);
    assertThat(one.dispatched()).isEmpty();

    one.heat(76);
    assertThat(one.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    one.cool();
    assertThat(one.dispatched()).containsExactly("a");
  }

  @Test
  void saysHowHotItIsNowOfWhatWaitsUntilItIsCool() {
    desk.running("a");
    desk.heat(88);
    desk.sees("a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    desk.heat(58);
    assertThat(desk.decider.why(desk.state, desk.experiment("a"), Samples.moment(desk.now)))
        .startsWith("waits for cooling: ")
        .contains("58 °C");
  }

  @Test
  void doesNotBringBackWhileNoZoneCanBeRead() {
    desk.running("a");
    desk.heat(86);
    desk.sees("a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    desk.board.setAllOffline();
    desk.readZones();
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
  }

  @Test
  void countsACrashThatCameBeforeTheStop() {
    desk.running("a");
    desk.heat(86);
    desk.sees(
        "a", DeciderHarness.restarting(run(1), "exit-code"), DeciderHarness.exited(run(1), 3));
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
    desk.sees("a", DeciderHarness.dead(run(1), "exit-code"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    assertThat(desk.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(desk.ends()).hasSize(1);
  }

  @Test
  void countsACrashWhoseRestartTheStopHasCancelled() {
    desk.running("a");
    desk.heat(86);
    desk.sees("a", DeciderHarness.dead(run(1), "exit-code"), DeciderHarness.exited(run(1), 3));
    assertThat(desk.causes()).containsExactly(Cause.EXIT_CODE);
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
  }

  @Test
  void knowsOneThatHadToBeKilledAsStoppedByHeat() {
    desk.running("a");
    desk.heat(86);
    desk.sees(
        "a",
        DeciderHarness.failed(run(1), "timeout"),
        DeciderHarness.exit(run(1), "timeout", "killed", "KILL", 0));
    assertThat(desk.causes()).containsExactly(Cause.HEAT);
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
  }

  @Test
  void completesOneThatFinishedBeforeTheStop() {
    desk.running("a");
    desk.sees("a", DeciderHarness.up(run(1), "cycle 5/5"));
    desk.heat(86);
    desk.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                desk.seen(
                    "a",
                    java.util.Optional.of(DeciderHarness.dead(run(1), "success")),
                    DeciderHarness.exited(run(1), 0)),
                new io.coord.runner.CompletionResult.Complete("5 of 5 cycles"))));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
  }

  @Test
  void takesNoGracefulExitForACompletion() {
    desk.running("a");
    desk.sees("a", DeciderHarness.up(run(1), "cycle 2/5"));
    desk.heat(86);
    desk.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                desk.seen(
                    "a",
                    java.util.Optional.of(DeciderHarness.dead(run(1), "success")),
                    DeciderHarness.exited(run(1), 0)),
                new io.coord.runner.CompletionResult.Complete("exit code 0"))));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
  }

  @Test
  void remembersTheHeatAndTheStopThatCouldNotBeStored() {
    desk.running("a");
    desk.ledgerFails(true);
    desk.heat(86);
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    desk.ledgerFails(false);

    desk.enqueue(spec("b"));
    assertThat(desk.dispatched()).as("while it is hot").isEmpty();
    desk.sees("a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    assertThat(desk.causes()).containsExactly(Cause.HEAT);
  }
}
