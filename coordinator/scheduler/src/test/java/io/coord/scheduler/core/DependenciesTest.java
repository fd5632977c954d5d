package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.CoordinatorState;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.testing.Samples;
import io.coord.thermal.Heat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who waits for whom, and who fails with whom. */
class DependenciesTest {
  private final DeciderHarness desk = new DeciderHarness(4, 16);

  private RequestOutcome after(String id, String dependency) {
    return desk.enqueue(asked(id, "'after': ['" + dependency + "']"));
  }

  @Test
  void startsOnceWhatItWaitsForHasCompleted() {
    desk.enqueue(asked("a", ""));
    after("b", "a");
    assertThat(desk.dispatched()).containsExactly("a");
    assertThat(desk.why("b")).isEqualTo("waits for 'a' to end");
    desk.completes("a", 1);
    assertThat(desk.dispatched()).containsExactly("a", "b");
  }

  @Test
  void waitsForAllOfThem() {
    desk.enqueue(asked("a", ""));
    desk.enqueue(asked("b", ""));
    desk.enqueue(asked("c", "'after': ['a', 'b']"));
    desk.completes("a", 1);
    assertThat(desk.why("c")).isEqualTo("waits for 'b' to end");
    desk.completes("b", 2);
    assertThat(desk.dispatched()).containsExactly("a", "b", "c");
  }

  @Test
  void startsAtOnceWhereItWasCompletedBefore() {
    desk.enqueue(asked("a", ""));
    desk.completes("a", 1);
    after("b", "a");
    assertThat(desk.dispatched()).containsExactly("a", "b");
  }

  @Test
  void failsWithTheOneThatItWaitsFor() {
    desk.enqueue(asked("a", ""));
    after("b", "a");
    after("c", "b");
    desk.fails("a", 1, 3);
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("b")).isEqualTo("dependency 'a' failed");
    assertThat(desk.reasonOf("c")).isEqualTo("dependency 'b' failed");
    assertThat(desk.dispatched()).containsExactly("a");
  }

  @Test
  void failsAlsoWhereTheOtherWasStoppedAndItIsHeld() {
    desk.heat(76);
    desk.enqueue(asked("a", ""));
    after("b", "a");
    desk.hold("b");
    desk.stop("a");
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("b")).isEqualTo("dependency 'a' was stopped");
  }

  @Test
  void failsAtOnceWhereTheOtherHadFailedBefore() {
    desk.enqueue(asked("a", ""));
    desk.fails("a", 1, 3);
    after("b", "a");
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.FAILED);
  }

  @Test
  void startsAfterAnyEnd() {
    desk.enqueue(asked("a", ""));
    desk.enqueue(asked("b", "'after_any': ['a']"));
    assertThat(desk.dispatched()).containsExactly("a");
    desk.fails("a", 1, 3);
    assertThat(desk.dispatched()).containsExactly("a", "b");
  }

  @Test
  void refusesToWaitForWhatThereNeverWas() {
    RequestOutcome answer = after("b", "nobody");
    assertThat(answer).isInstanceOf(RequestOutcome.Refused.class);
    assertThat(answer.toString()).contains("dependency 'nobody' does not exist");
    assertThat(desk.state.find("b")).isEmpty();
  }

  @Test
  void ofOneThatRunsAlthoughItsDependencyFailedTheOthersStillFail() {
    desk.enqueue(asked("x", ""));
    after("a-first", "x");
    after("b", "x");
    desk.finds(Samples.unmanaged("a-first", run(7)));
    desk.sees("a-first", up(run(7)));
    assertThat(desk.stateOf("a-first")).isEqualTo(ExperimentState.RUNNING);
    desk.stop("x");
    desk.seesItGone("x", DeciderHarness.killed(run(1), "TERM"));
    assertThat(desk.stateOf("a-first")).isEqualTo(ExperimentState.RUNNING);
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.FAILED);
  }

  @Test
  void oneThatCoolsIsNotFailedForWhatItWasToWaitFor() {
    desk.enqueue(asked("x", ""));
    after("a", "x");
    desk.finds(Samples.unmanaged("a", run(7)));
    desk.sees("a", up(run(7)));
    desk.heat(90);
    desk.seesItGone("a", DeciderHarness.killed(run(7), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    desk.stop("x");
    desk.seesItGone("x", DeciderHarness.killed(run(1), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    desk.cool();
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
  }

  @Test
  void goesOnAfterAnyEndAlsoWhereThatIsNoLongerKnown() {
    desk.forgets("a");
    desk.enqueue(asked("b", "'after_any': ['a']"));
    assertThat(desk.dispatched()).containsExactly("b");
  }

  @Test
  void failsWhereTheEndIsNoLongerKnown() {
    desk.forgets("a");
    after("b", "a");
    assertThat(desk.stateOf("b")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("b"))
        .isEqualTo(
            "the result of dependency 'a' is unknown (history is kept for" + " HISTORY_DAYS)");
  }

  /** In databases of versions that forgot also what somebody waited for. */
  @Test
  void oneThatWaitedForWhatIsForgottenIsSettledByTheNextCoordinator() {
    assertThat(decidedFirst("'after': ['gone']"))
        .contains("FAILED", "the result of dependency 'gone' is unknown");
    assertThat(decidedFirst("'after_any': ['gone']")).contains("Starting", "dispatched");
  }

  private String decidedFirst(String fields) {
    State next =
        new State(
            new RestoredState(
                List.of(DeciderHarness.stored("b", 2, new Phase.Queued(), false)),
                2,
                Optional.of(DeciderHarness.BOOT),
                List.of(),
                List.of(),
                CoordinatorState.INITIAL,
                id -> Optional.empty()),
            desk.state.runtime(),
            text -> Optional.of(asked("any", fields)));
    return desk.decider.admit(next, desk.moment()).orElseThrow().changes().toString();
  }

  @Test
  void whatSomebodyWaitsForIsToBeKept() {
    desk.enqueue(asked("a", ""));
    desk.enqueue(asked("b", ""));
    desk.enqueue(asked("waits", "'after': ['a', 'b']"));
    desk.completes("a", 1);
    assertThat(desk.state.awaited()).containsExactly("a", "b");
    desk.stop("waits");
    assertThat(desk.state.awaited()).isEmpty();
  }

  @Test
  void isFoundAgainByTheNextCoordinator() {
    State next =
        new State(
            new RestoredState(
                List.of(
                    DeciderHarness.stored("b", 2, new Phase.Queued(), false),
                    DeciderHarness.stored("c", 3, new Phase.Queued(), false)),
                3,
                Optional.of(DeciderHarness.BOOT),
                List.of(),
                List.of(),
                CoordinatorState.INITIAL,
                id -> Optional.of(ExperimentState.FAILED).filter(any -> id.equals("a"))),
            RuntimeState.unknown(
                ThermalState.unknown(
                    Heat.unknown(Samples.START), PowerState.unknown(Optional.empty(), 4))),
            text -> Optional.of(asked("any", "'after': ['a']")));
    Decision first = desk.decider.admit(next, desk.moment()).orElseThrow();
    assertThat(first.changes()).hasSize(1).first().asString().contains("dependency 'a' failed");
  }
}
