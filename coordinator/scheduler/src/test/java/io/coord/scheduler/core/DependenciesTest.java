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
  private final DeciderHarness harness = new DeciderHarness(4, 16);

  private RequestOutcome after(String id, String dependency) {
    return harness.enqueue(asked(id, "'after': ['" + dependency + "']"));
  }

  @Test
  void startsOnceItsDependencyHasCompleted() {
    harness.enqueue(asked("a", ""));
    after("b", "a");
    assertThat(harness.dispatched()).containsExactly("a");
    assertThat(harness.why("b")).isEqualTo("waits for 'a' to end");
    harness.completes("a", 1);
    assertThat(harness.dispatched()).containsExactly("a", "b");
  }

  @Test
  void waitsForAllOfThem() {
    harness.enqueue(asked("a", ""));
    harness.enqueue(asked("b", ""));
    harness.enqueue(asked("c", "'after': ['a', 'b']"));
    harness.completes("a", 1);
    assertThat(harness.why("c")).isEqualTo("waits for 'b' to end");
    harness.completes("b", 2);
    assertThat(harness.dispatched()).containsExactly("a", "b", "c");
  }

  @Test
  void startsAtOnceWhereItWasCompletedBefore() {
    harness.enqueue(asked("a", ""));
    harness.completes("a", 1);
    after("b", "a");
    assertThat(harness.dispatched()).containsExactly("a", "b");
  }

  @Test
  void failsWithItsDependency() {
    harness.enqueue(asked("a", ""));
    after("b", "a");
    after("c", "b");
    harness.fails("a", 1, 3);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("b")).isEqualTo("dependency 'a' failed");
    assertThat(harness.reasonOf("c")).isEqualTo("dependency 'b' failed");
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void aHeldExperimentFailsWithADependencyThatWasStopped() {
    harness.heat(76);
    harness.enqueue(asked("a", ""));
    after("b", "a");
    harness.hold("b");
    harness.stop("a");
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("b")).isEqualTo("dependency 'a' was stopped");
  }

  @Test
  void failsAtOnceWhereTheOtherHadFailedBefore() {
    harness.enqueue(asked("a", ""));
    harness.fails("a", 1, 3);
    after("b", "a");
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.FAILED);
  }

  @Test
  void startsAfterAnyEnd() {
    harness.enqueue(asked("a", ""));
    harness.enqueue(asked("b", "'after_any': ['a']"));
    assertThat(harness.dispatched()).containsExactly("a");
    harness.fails("a", 1, 3);
    assertThat(harness.dispatched()).containsExactly("a", "b");
  }

  @Test
  void refusesAnUnknownDependency() {
    RequestOutcome answer = after("b", "nobody");
    assertThat(answer).isInstanceOf(RequestOutcome.Refused.class);
    assertThat(answer.toString()).contains("dependency 'nobody' does not exist");
    assertThat(harness.state.find("b")).isEmpty();
  }

  @Test
  void dependentsOfAnAdoptedRunFailWithTheFailedDependency() {
    harness.enqueue(asked("x", ""));
    after("a-first", "x");
    after("b", "x");
    harness.takesOver("a-first", Samples.unmanaged("a-first", run(7)));
    harness.sees("a-first", up(run(7)));
    assertThat(harness.stateOf("a-first")).isEqualTo(ExperimentState.RUNNING);
    harness.stop("x");
    harness.seesItGone("x", DeciderHarness.killed(run(1), "TERM"));
    assertThat(harness.stateOf("a-first")).isEqualTo(ExperimentState.RUNNING);
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.FAILED);
  }

  @Test
  void coolingExperimentsDoNotFailWithTheirDependency() {
    harness.enqueue(asked("x", ""));
    after("a", "x");
    harness.takesOver("a", Samples.unmanaged("a", run(7)));
    harness.sees("a", up(run(7)));
    harness.heat(90);
    harness.seesItGone("a", DeciderHarness.killed(run(7), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    harness.stop("x");
    harness.seesItGone("x", DeciderHarness.killed(run(1), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.COOLING);
    harness.cool();
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
  }

  @Test
  void afterAnyContinuesAfterEachEndAlsoAnUnknownOne() {
    harness.forgets("a");
    harness.enqueue(asked("b", "'after_any': ['a']"));
    assertThat(harness.dispatched()).containsExactly("b");
  }

  @Test
  void failsWhereTheEndIsNoLongerKnown() {
    harness.forgets("a");
    after("b", "a");
    assertThat(harness.stateOf("b")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("b"))
        .isEqualTo(
            "the result of dependency 'a' is unknown (history is kept for" + " HISTORY_DAYS)");
  }

  /** In databases of versions that forgot also what somebody waited for. */
  @Test
  void aForgottenDependencyIsResolvedByTheNextCoordinator() {
    assertThat(decidedFirst("'after': ['gone']"))
        .contains("FAILED", "the result of dependency 'gone' is unknown");
    assertThat(decidedFirst("'after_any': ['gone']")).contains("Starting", "dispatched");
  }

  private String decidedFirst(String fields) {
    State next =
        new State(
            new RestoredState(
                List.of(DeciderHarness.stored("b", 2, new Phase.Queued(), false))::forEach,
                2,
                Optional.of(DeciderHarness.BOOT),
                List.of(),
                List.of(),
                CoordinatorState.INITIAL,
                id -> Optional.empty(),
                id -> Optional.of("spec of " + id)),
            harness.state.runtime(),
            text -> Optional.of(asked("any", fields)));
    return harness.decider.admit(next, harness.moment()).orElseThrow().changes().toString();
  }

  @Test
  void dependenciesAreKeptInTheHistory() {
    harness.enqueue(asked("a", ""));
    harness.enqueue(asked("b", ""));
    harness.enqueue(asked("waits", "'after': ['a', 'b']"));
    harness.completes("a", 1);
    assertThat(harness.state.awaited()).containsExactly("a", "b");
    harness.stop("waits");
    assertThat(harness.state.awaited()).isEmpty();
  }

  @Test
  void isFoundAgainByTheNextCoordinator() {
    State next =
        new State(
            new RestoredState(
                List.of(
                        DeciderHarness.stored("b", 2, new Phase.Queued(), false),
                        DeciderHarness.stored("c", 3, new Phase.Queued(), false))
                    ::forEach,
                3,
                Optional.of(DeciderHarness.BOOT),
                List.of(),
                List.of(),
                CoordinatorState.INITIAL,
                id -> Optional.of(ExperimentState.FAILED).filter(any -> id.equals("a")),
                id -> Optional.of("spec of " + id)),
            RuntimeState.unknown(
                ThermalState.unknown(
                    Heat.unknown(Samples.START), PowerState.unknown(Optional.empty(), 4))),
            text -> Optional.of(asked("any", "'after': ['a']")));
    Decision first = harness.decider.admit(next, harness.moment()).orElseThrow();
    assertThat(first.changes())
        .hasSize(2)
        .allSatisfy(end -> assertThat(end).asString().contains("dependency 'a' failed"));
  }

  /** They are looked at in pieces; nothing starts before the first of all is known. */
  @Test
  void theFirstOfManyThatWaitForTheSameStartsFirst() {
    harness.enqueue(asked("a", ""));
    for (int i = 0; i < 1_200; i++) {
      after(String.format("b%04d", i), "a");
    }
    harness.enqueue(asked("z", "'after': ['a'], 'priority': 5"));
    harness.completes("a", 1);
    assertThat(harness.dispatched()).startsWith("a", "z", "b0000");
  }
}
