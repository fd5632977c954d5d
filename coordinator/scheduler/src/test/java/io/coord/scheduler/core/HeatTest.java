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
  private final DeciderHarness harness = new DeciderHarness(3, 8);

  @Test
  void lets75DegreesKeepWhatRuns() {
    harness.running("a");
    harness.heat(76);
    assertThat(harness.effects(Effect.Stop.class)).isEmpty();
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
  }

  @Test
  void stopsEverythingAt85Degrees() {
    harness.running("a");
    harness.enqueue(spec("starting"));
    harness.forget();
    harness.heat(86);
    assertThat(harness.effects(Effect.Stop.class))
        .extracting(Effect.Stop::id)
        .containsExactly("a", "starting");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);
    assertThat(harness.stateOf("starting")).isEqualTo(ExperimentState.STOPPING);
  }

  @Test
  void asksAgainForAStopAtEachReading() {
    harness.running("a");
    harness.heat(86);
    harness.forget();
    harness.heat(87);
    assertThat(harness.effects(Effect.Stop.class)).hasSize(1);
    assertThat(harness.changes).isEmpty();
  }

  @Test
  void requeuesInTheOldOrder() {
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
  void givesThePresentHeatAsReason() {
    harness.running("a");
    harness.heat(88);
    harness.sees(
        "a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    harness.heat(58);
    assertThat(
            harness.decider.why(
                harness.state, harness.experiment("a"), Samples.moment(harness.now)))
        .startsWith("waits for cooling: ")
        .contains("58 °C");
  }

  @Test
  void doesNotRequeueWhileNoZoneCanBeRead() {
    harness.running("a");
    harness.heat(86);
    harness.sees(
        "a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    harness.board.setAllOffline();
    harness.readZones();
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
  }

  @Test
  void countsACrashThatCameBeforeTheStop() {
    harness.running("a");
    harness.heat(86);
    harness.sees(
        "a", DeciderHarness.restarting(run(1), "exit-code"), DeciderHarness.exited(run(1), 3));
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
    harness.sees("a", DeciderHarness.dead(run(1), "exit-code"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(harness.ends()).hasSize(1);
  }

  @Test
  void countsACrashBeforeAThermalStop() {
    harness.running("a");
    harness.heat(86);
    harness.sees("a", DeciderHarness.dead(run(1), "exit-code"), DeciderHarness.exited(run(1), 3));
    assertThat(harness.causes()).containsExactly(Cause.EXIT_CODE);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
  }

  @Test
  void aKillAtAThermalStopIsAnInterruption() {
    harness.running("a");
    harness.heat(86);
    harness.sees(
        "a",
        DeciderHarness.failed(run(1), "timeout"),
        DeciderHarness.exit(run(1), "timeout", "killed", "KILL", 0));
    assertThat(harness.causes()).containsExactly(Cause.HEAT);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
  }

  @Test
  void completesARunThatFinishedBeforeTheStop() {
    harness.running("a");
    harness.sees("a", DeciderHarness.up(run(1), "cycle 5/5"));
    harness.heat(86);
    harness.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                harness.seen(
                    "a",
                    java.util.Optional.of(DeciderHarness.dead(run(1), "success")),
                    DeciderHarness.exited(run(1), 0)),
                new io.coord.runner.CompletionResult.Complete("5 of 5 cycles"))));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COMPLETED);
  }

  @Test
  void takesNoGracefulExitForACompletion() {
    harness.running("a");
    harness.sees("a", DeciderHarness.up(run(1), "cycle 2/5"));
    harness.heat(86);
    harness.happens(
        new Event.Observed(
            DeciderHarness.withVerdict(
                harness.seen(
                    "a",
                    java.util.Optional.of(DeciderHarness.dead(run(1), "success")),
                    DeciderHarness.exited(run(1), 0)),
                new io.coord.runner.CompletionResult.Complete("exit code 0", false))));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
  }

  @Test
  void remembersTheHeatAndTheStopThatCouldNotBeStored() {
    harness.running("a");
    harness.ledgerFails(true);
    harness.heat(86);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    harness.ledgerFails(false);

    harness.enqueue(spec("b"));
    assertThat(harness.dispatched()).as("while it is hot").isEmpty();
    harness.sees(
        "a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    assertThat(harness.causes()).containsExactly(Cause.HEAT);
  }
}
