package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.admission.Breaker;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.testing.Samples;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A group that dies of one cause is held, and one canary opens it. */
class BreakerTest {
  private final DeciderHarness harness = new DeciderHarness(1, 16);
  private int runs;

  private void enqueue(String... ids) {
    for (String id : ids) {
      harness.enqueue(asked(id, "'group': 'g', 'max_crashes': 0"));
    }
  }

  private void diesEarly(String id) {
    harness.fails(id, ++runs, 3);
  }

  /** Five that die alike, and three that wait. */
  private void fiveDie() {
    enqueue("a", "b", "c", "d", "e", "x", "y", "z");
    for (String id : new String[] {"a", "b", "c", "d", "e"}) {
      diesEarly(id);
    }
    harness.forget();
  }

  @Test
  void holdsTheGroupAfterFiveEqualEarlyDeaths() {
    fiveDie();
    assertThat(harness.state.group("g").held()).isTrue();
    assertThat(harness.state.group("g").fingerprint()).contains("exit code 3 before any cycle");
    assertThat(harness.stateOf("x")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.why("x"))
        .startsWith("group 'g' is held: 5 experiments in a row failed early with exit code 3");
  }

  @Test
  void doesNotHoldOtherGroups() {
    fiveDie();
    harness.enqueue(asked("other", ""));
    assertThat(harness.dispatched()).containsExactly("other");
  }

  @Test
  void countsOnlyFailuresWithTheSameCause() {
    enqueue("a", "b", "c", "d", "e", "f");
    diesEarly("a");
    diesEarly("b");
    diesEarly("c");
    diesEarly("d");
    harness.fails("e", ++runs, 4);
    assertThat(harness.state.group("g").streak()).isEqualTo(1);
    assertThat(harness.stateOf("f")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void aCompletedExperimentResetsTheCount() {
    enqueue("a", "b", "c");
    diesEarly("a");
    diesEarly("b");
    harness.completes("c", ++runs);
    assertThat(harness.state.group("g").streak()).isZero();
  }

  @Test
  void triesOneCanaryAfterTheDelay() {
    fiveDie();
    harness.wait(Breaker.CANARY_DELAY.minusSeconds(5));
    harness.readZones();
    assertThat(harness.dispatched()).isEmpty();
    harness.wait(Duration.ofSeconds(10));
    harness.readZones();
    assertThat(harness.dispatched()).containsExactly("x");
  }

  @Test
  void triesNoSecondCanaryAtOnce() {
    DeciderHarness wide = new DeciderHarness(8, 16);
    for (int i = 0; i < 8; i++) {
      wide.enqueue(asked("e" + i, "'group': 'g', 'max_crashes': 0"));
    }
    for (int i = 0; i < 5; i++) {
      wide.fails("e" + i, i + 1, 3);
    }
    assertThat(wide.state.group("g").held()).isTrue();
    wide.enqueue(asked("new", "'group': 'g'"));
    wide.wait(Duration.ofHours(1));
    wide.readZones();
    assertThat(wide.stateOf("new")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void waitsAgainWhenTheCanaryDies() {
    fiveDie();
    harness.wait(Breaker.CANARY_DELAY);
    harness.readZones();
    diesEarly("x");
    assertThat(harness.dispatched()).containsExactly("x");
    harness.wait(Breaker.CANARY_DELAY);
    harness.readZones();
    assertThat(harness.dispatched()).containsExactly("x", "y");
  }

  @Test
  void opensWhenTheCanaryGetsPastTheBeginning() {
    fiveDie();
    harness.wait(Breaker.CANARY_DELAY);
    harness.readZones();
    harness.sees("x", harness.up(run(99), "", Duration.ofSeconds(10)));
    assertThat(harness.state.group("g").held()).isTrue();
    harness.sees("x", harness.up(run(99), "", Duration.ofSeconds(60)));
    assertThat(harness.state.group("g").held()).isFalse();
  }

  @Test
  void opensWhenTheCanaryMakesProgress() {
    fiveDie();
    harness.wait(Breaker.CANARY_DELAY);
    harness.readZones();
    harness.sees("x", up(run(99), "cycle 1/7"));
    assertThat(harness.state.group("g").held()).isFalse();
  }

  @Test
  void triesACanaryWhenTheOperatorReleases() {
    assertThat(harness.releaseGroup("g")).isInstanceOf(RequestOutcome.Refused.class);
    fiveDie();
    assertThat(harness.releaseGroup("g")).isInstanceOf(RequestOutcome.Acknowledged.class);
    assertThat(harness.dispatched()).containsExactly("x");
    diesEarly("x");
    assertThat(harness.dispatched()).containsExactly("x");
  }

  @Test
  void doesNotCountThoseThatDieLate() {
    enqueue("a", "b");
    harness.sees("a", up(run(1)));
    harness.sees(
        "a",
        DeciderHarness.failed(run(1), "exit-code"),
        Samples.lasted(DeciderHarness.exited(run(1), 3), Duration.ofMinutes(2)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.state.group("g").streak()).isZero();
  }
}
