package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.event.Event.DispatchFailed.Fault;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.JobResult;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A fault that may pass concerns one experiment, or one place, and never the whole queue. */
class DispatchRetryTest {
  private final DeciderHarness harness = new DeciderHarness(1, 8);

  @Test
  void aFaultOfOneExperimentKeepsNobodyElseFromStarting() {
    harness.enqueue(spec("a"));
    harness.enqueue(spec("b"));
    fails("a", Fault.PASSING);
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.reasonOf("a")).isEqualTo("cannot start 'a': test; retried in 5s");
    assertThat(harness.why("a")).startsWith("cannot start 'a': test; retried in ");
    assertThat(harness.dispatched()).containsExactly("a", "b");
    assertThat(harness.effects(Effect.ReleaseUnit.class))
        .containsExactly(new Effect.ReleaseUnit("a"));
  }

  @Test
  void itKeepsItsPlaceAndNoMore() {
    harness.enqueue(spec("a"));
    for (String id : List.of("b", "c")) {
      harness.enqueue(spec(id));
    }
    fails("a", Fault.PASSING);
    fails("b", Fault.PASSING);
    fails("c", Fault.PASSING);
    harness.forget();
    harness.wait(Duration.ofMinutes(1));
    harness.readZones();
    assertThat(harness.dispatched()).as("the first in order").containsExactly("a");
    assertThat(harness.experiment("b").status().resumesFirst()).isFalse();
  }

  @Test
  void aHundredExperimentsSurviveALateMount() {
    for (int i = 0; i < 100; i++) {
      harness.enqueue(spec("e" + i));
    }
    int attempts = 0;
    for (int second = 0; second < 600; second++) {
      List<String> starting =
          harness.state.active().stream().map(experiment -> experiment.id()).toList();
      for (String id : starting) {
        attempts++;
        fails(id, Fault.PASSING_FOR_PLACE);
      }
      harness.wait(Duration.ofSeconds(1));
      harness.readZones();
    }
    assertThat(harness.state.waiting()).hasSize(100);
    assertThat(attempts).as("one finds out for all").isLessThan(15);
    assertThat(harness.why("e50")).startsWith("waits: cannot start 'e0': test; retried in ");

    harness.wait(Duration.ofMinutes(2));
    harness.forget();
    harness.readZones();
    assertThat(harness.dispatched()).containsExactly("e0");
    harness.sees("e0", up(run(1)));
    harness.stop("e0");
    harness.seesItGone("e0", DeciderHarness.killed(run(1), "TERM"));
    harness.wait(Duration.ofMinutes(2));
    harness.readZones();
    assertThat(harness.dispatched()).as("the place is there").containsExactly("e0", "e1");
  }

  @Test
  void anotherPlaceIsNotConcerned() {
    harness.enqueue(spec("a"));
    harness.enqueue(
        Samples.read("{'id': 'b', 'command': ['x'], 'working_directory': '/elsewhere'}"));
    fails("a", Fault.PASSING_FOR_PLACE);
    assertThat(harness.dispatched()).containsExactly("a", "b");
  }

  @Test
  void itIsRetriedForAsLongAsItTakes() {
    harness.enqueue(spec("a"));
    for (int i = 0; i < 200; i++) {
      fails("a", Fault.PASSING);
      harness.wait(Duration.ofMinutes(2));
      harness.readZones();
      assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    }
    fails("a", Fault.PASSING);
    assertThat(
            harness.decider.awaitsPerson(harness.state, harness.experiment("a"), harness.moment()))
        .as("'coord wait' says so")
        .contains("cannot start 'a': test; retried every 2min");
  }

  @Test
  void aRefusalIsHeldInTheEndAndNotFailed() {
    harness.enqueue(spec("a"));
    for (int attempt = 1; attempt < Limits.DISPATCH_ATTEMPTS; attempt++) {
      harness.seesItGone("a");
      assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
      harness.wait(Duration.ofMinutes(2));
      harness.happens(new Event.HealthDue());
      assertThat(harness.dispatched()).hasSize(attempt + 1);
    }
    harness.seesItGone("a");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.reasonOf("a"))
        .isEqualTo(
            "systemd did not start the unit; tried 5 times; continue with 'coord release', end with"
                + " 'coord stop'");
    harness.release("a");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
    harness.seesItGone("a");
    assertThat(harness.stateOf("a")).as("counted from the start").isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void aMountThatFailsIsWaitedFor() {
    harness.enqueue(spec("a"));
    harness.happens(new Event.StartAnswered("a", JobResult.DEPENDENCY));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.why("a")).contains("could not be mounted; retried in ");
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void noFaultOfADispatchCountsAsACrash(Fault fault) {
    harness.running("b");
    harness.sees("b", DeciderHarness.failed(run(1), "exit-code"), DeciderHarness.exited(run(1), 1));
    harness.forget();
    harness.enqueue(spec("a"));
    fails("a", fault);
    assertThat(harness.ends()).isEmpty();
  }

  private void fails(String id, Fault fault) {
    harness.happens(new Event.DispatchFailed(id, "cannot start '" + id + "': test", fault));
  }
}
