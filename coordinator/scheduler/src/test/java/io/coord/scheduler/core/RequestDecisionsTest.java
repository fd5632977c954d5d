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
  private final DeciderHarness desk = new DeciderHarness(1, 8);

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
    assertThat(desk.enqueue(spec("a"))).isInstanceOf(RequestOutcome.Done.class);
    assertThat(desk.enqueue(spec("b"))).isInstanceOf(RequestOutcome.Done.class);
    assertThat(desk.experiment("a").sequence()).isEqualTo(1);
    assertThat(desk.experiment("b").sequence()).isEqualTo(2);
    assertThat(desk.experiment("b").status().reason()).isEqualTo("enqueued by ada");
  }

  @Test
  void namesAnExperimentThatHasNoName() {
    desk.enqueue(spec("a"));
    assertThat(desk.enqueue(spec("")))
        .isInstanceOfSatisfying(
            RequestOutcome.Done.class,
            done -> assertThat(done.experiment().id()).isEqualTo("exp-2"));
  }

  @Test
  void leavesOutANameThatSomebodyChose() {
    desk.enqueue(spec("exp-2"));
    assertThat(desk.enqueue(spec("")))
        .isInstanceOfSatisfying(
            RequestOutcome.Done.class,
            done -> assertThat(done.experiment().id()).isEqualTo("exp-3"));
  }

  @Test
  void refusesAnIdThatIsInUse() {
    desk.enqueue(spec("a"));
    desk.forget();
    assertRefused(
        desk.enqueue(spec("a")), Refusal.Code.ID_TAKEN, "'a'", "starting", "nothing was enqueued");
    assertThat(desk.changes).isEmpty();
  }

  @Test
  void refusesMoreMemoryThanThereIs() {
    assertRefused(
        desk.enqueue(spec("a", 0, 9)), Refusal.Code.EXCEEDS_LIMIT, "9", "8", "TOTAL_RAM_LIMIT_GB");
    assertThat(desk.changes).isEmpty();
  }

  @Test
  void stopsOneThatWaitsAtOnce() {
    desk.running("a");
    desk.enqueue(spec("b"));
    desk.forget();
    desk.stop("b");
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.STOPPED);
    assertThat(desk.reasonOf("b")).isEqualTo("stopped by ada");
    assertThat(desk.effects(Effect.Stop.class)).isEmpty();
  }

  @Test
  void stopsOneThatIsHeld() {
    desk.running("a");
    desk.enqueue(spec("b"));
    desk.hold("b");
    desk.stop("b");
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.STOPPED);
  }

  @Test
  void stopsOneThatRuns() {
    desk.running("a");
    desk.stop("a");
    assertThat(desk.experiment("a").phase())
        .isEqualTo(
            new Phase.Stopping(
                ExperimentState.STOPPED, "stopped by ada", java.util.Optional.of(run(1))));
    assertThat(desk.effects(Effect.Stop.class)).hasSize(1);
  }

  @Test
  void stopsOneThatWaitsForItsRestart() {
    desk.running("a");
    desk.sees(
        "a", DeciderHarness.restarting(run(1), "exit-code"), DeciderHarness.exited(run(1), 3));
    desk.stop("a");
    desk.sees("a", DeciderHarness.dead(run(1), "exit-code"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(desk.ends()).hasSize(1);
  }

  @Test
  void stopsOneThatIsBeingStartedOnceTheStartIsOver() {
    desk.enqueue(spec("a"));
    desk.stop("a");
    desk.happens(
        new Event.Observed(
            DeciderHarness.inconclusive(desk.seen("a", java.util.Optional.empty()))));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPING);

    desk.seesItGone("a");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
  }

  @Test
  void stopsForGoodWhatHeatStopsForAWhile() {
    desk.running("a");
    desk.heat(90);
    desk.stop("a");
    desk.sees("a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
    assertThat(desk.reasonOf("a")).isEqualTo("stopped by ada");
  }

  @Test
  void stopsOneThatCools() {
    desk.running("a");
    desk.heat(90);
    desk.sees("a", DeciderHarness.dead(run(1), "success"), DeciderHarness.killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    desk.stop("a");
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.STOPPED);
  }

  @Test
  void stopsTwiceAsOnce() {
    desk.running("a");
    desk.stop("a");
    desk.forget();
    assertThat(desk.stop("a")).isInstanceOf(RequestOutcome.Done.class);
    assertThat(desk.changes).isEmpty();
  }

  @Test
  void holdsAndReleasesOneThatWaits() {
    desk.running("a");
    desk.enqueue(spec("b"));
    desk.hold("b");
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.HELD);
    assertThat(desk.hold("b")).isInstanceOf(RequestOutcome.Done.class);
    desk.release("b");
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void doesNotDispatchOneThatIsHeld() {
    desk.running("a");
    desk.enqueue(spec("b"));
    desk.hold("b");
    desk.forget();
    desk.sees("a", DeciderHarness.failed(run(1), "exit-code"), DeciderHarness.exited(run(1), 3));
    assertThat(desk.dispatched()).isEmpty();
    desk.release("b");
    assertThat(desk.dispatched()).containsExactly("b");
  }

  @Test
  void holdsNothingThatRunsAndReleasesNothingThatIsNotHeld() {
    desk.running("a");
    assertRefused(desk.hold("a"), Refusal.Code.WRONG_STATE, "running", "nothing was changed");
    assertRefused(desk.release("a"), Refusal.Code.WRONG_STATE, "running", "nothing was changed");
  }

  @Test
  void knowsNoExperimentThatThereIsNot() {
    assertRefused(desk.stop("x"), Refusal.Code.UNKNOWN_ID, "cannot stop 'x'");
    assertRefused(desk.hold("x"), Refusal.Code.UNKNOWN_ID, "cannot hold 'x'");
    assertRefused(desk.release("x"), Refusal.Code.UNKNOWN_ID, "cannot release 'x'");
  }
}
