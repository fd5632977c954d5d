package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.decision.Refusal;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.event.Event;
import org.junit.jupiter.api.Test;

/** What users ask for. */
class RequestDecisionsTest {
  private final DeciderHarness harness = new DeciderHarness(1, 8);

  private static void assertRefused(RequestOutcome answer, Refusal.Code code, String... words) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            RequestOutcome.Refused.class,
            refused -> {
              assertThat(refused.refusal().code()).isEqualTo(code);
              assertThat(refused.refusal().message()).contains(words);
            });
  }

  @Test
  void enqueuesWithTheNextSequence() {
    assertThat(harness.enqueue(spec("a"))).isInstanceOf(RequestOutcome.Done.class);
    assertThat(harness.enqueue(spec("b"))).isInstanceOf(RequestOutcome.Done.class);
    assertThat(harness.experiment("a").sequence()).isEqualTo(1);
    assertThat(harness.experiment("b").sequence()).isEqualTo(2);
    assertThat(harness.experiment("b").status().reason()).isEqualTo("enqueued by ada");
  }

  @Test
  void namesAnExperimentThatHasNoName() {
    harness.enqueue(spec("a"));
    assertThat(harness.enqueue(spec("")))
        .isInstanceOfSatisfying(
            RequestOutcome.Done.class,
            done -> assertThat(done.experiment().id()).isEqualTo("exp-2"));
  }

  @Test
  void skipsAnIdThatAUserChose() {
    harness.enqueue(spec("exp-2"));
    assertThat(harness.enqueue(spec("")))
        .isInstanceOfSatisfying(
            RequestOutcome.Done.class,
            done -> assertThat(done.experiment().id()).isEqualTo("exp-3"));
  }

  @Test
  void refusesAnIdThatIsInUse() {
    harness.enqueue(spec("a"));
    harness.forget();
    assertRefused(
        harness.enqueue(spec("a")),
        Refusal.Code.ID_TAKEN,
        "'a'",
        "starting",
        "nothing was enqueued");
    assertThat(harness.changes).isEmpty();
  }

  @Test
  void refusesMoreMemoryThanThereIs() {
    assertRefused(
        harness.enqueue(spec("a", 0, 9)),
        Refusal.Code.EXCEEDS_LIMIT,
        "9",
        "8",
        "TOTAL_RAM_LIMIT_GB");
    assertThat(harness.changes).isEmpty();
  }

  @Test
  void stopsAQueuedExperiment() {
    harness.running("a");
    harness.enqueue(spec("b"));
    harness.forget();
    harness.stop("b");
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.STOPPED);
    assertThat(harness.reasonOf("b")).isEqualTo("stopped by ada");
    assertThat(harness.effects(Effect.Stop.class)).isEmpty();
  }

  @Test
  void stopsAHeldExperiment() {
    harness.running("a");
    harness.enqueue(spec("b"));
    harness.hold("b");
    harness.stop("b");
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.STOPPED);
  }

  @Test
  void stopsARunningExperiment() {
    harness.running("a");
    harness.stop("a");
    assertThat(harness.experiment("a").phase())
        .isEqualTo(
            new Phase.Stopping(
                ExperimentState.STOPPED, "stopped by ada", java.util.Optional.of(run(1))));
    assertThat(harness.effects(Effect.Stop.class)).hasSize(1);
  }

  @Test
  void stopsARestartingExperiment() {
    harness.running("a");
    harness.sees(
        "a", DeciderHarness.restarting(run(1), "exit-code"), DeciderHarness.exited(run(1), 3));
    harness.stop("a");
    harness.sees("a", DeciderHarness.dead(run(1), "exit-code"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(harness.ends()).hasSize(1);
  }

  @Test
  void stopsAStartingExperimentAfterItsStart() {
    harness.enqueue(spec("a"));
    harness.stop("a");
    harness.happens(
        new Event.Observed(
            DeciderHarness.inconclusive(harness.seen("a", java.util.Optional.empty()))));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPING);

    harness.seesItGone("a");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
  }

  @Test
  void anOperatorStopOverridesAThermalStop() {
    harness.running("a");
    harness.heat(90);
    harness.stop("a");
    harness.sees(
        "a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(harness.reasonOf("a")).isEqualTo("stopped by ada");
  }

  @Test
  void stopsACoolingExperiment() {
    harness.running("a");
    harness.heat(90);
    harness.sees(
        "a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    harness.stop("a");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
  }

  @Test
  void aSecondStopChangesNothing() {
    harness.running("a");
    harness.stop("a");
    harness.forget();
    assertThat(harness.stop("a")).isInstanceOf(RequestOutcome.Done.class);
    assertThat(harness.changes).isEmpty();
  }

  @Test
  void holdsAndReleasesAQueuedExperiment() {
    harness.running("a");
    harness.enqueue(spec("b"));
    harness.hold("b");
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.hold("b")).isInstanceOf(RequestOutcome.Done.class);
    harness.release("b");
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void doesNotDispatchAHeldExperiment() {
    harness.running("a");
    harness.enqueue(spec("b"));
    harness.hold("b");
    harness.forget();
    harness.sees("a", DeciderHarness.failed(run(1), "exit-code"), DeciderHarness.exited(run(1), 3));
    assertThat(harness.dispatched()).isEmpty();
    harness.release("b");
    assertThat(harness.dispatched()).containsExactly("b");
  }

  @Test
  void holdsNothingThatRunsAndReleasesNothingThatIsNotHeld() {
    harness.running("a");
    assertRefused(harness.hold("a"), Refusal.Code.WRONG_STATE, "running", "nothing was changed");
    assertRefused(harness.release("a"), Refusal.Code.WRONG_STATE, "running", "nothing was changed");
  }

  @Test
  void knowsNoExperimentThatThereIsNot() {
    assertRefused(harness.stop("x"), Refusal.Code.UNKNOWN_ID, "cannot stop 'x'");
    assertRefused(harness.hold("x"), Refusal.Code.UNKNOWN_ID, "cannot hold 'x'");
    assertRefused(harness.release("x"), Refusal.Code.UNKNOWN_ID, "cannot release 'x'");
  }
}
