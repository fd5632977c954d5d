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
  private final DeciderHarness desk = new DeciderHarness(1, 16);
  private int runs;

  private void enqueue(String... ids) {
    for (String id : ids) {
      desk.enqueue(asked(id, "'group': 'g', 'max_crashes': 0"));
    }
  }

  private void diesEarly(String id) {
    desk.fails(id, ++runs, 3);
  }

  /** Five that die alike, and three that wait. */
  private void fiveDie() {
    enqueue("a", "b", "c", "d", "e", "x", "y", "z");
    for (String id : new String[] {"a", "b", "c", "d", "e"}) {
      diesEarly(id);
    }
    desk.forget();
  }

  @Test
  void holdsTheGroupAfterFiveEqualEarlyDeaths() {
    fiveDie();
    assertThat(desk.state.group("g").held()).isTrue();
    assertThat(desk.state.group("g").fingerprint()).contains("exit code 3 before any cycle");
    assertThat(desk.stateOf("x")).isEqualTo(ExperimentState.QUEUED);
    assertThat(desk.why("x"))
        .startsWith("group 'g' is held: 5 experiments in a row failed early with exit code 3");
  }

  @Test
  void leavesOtherGroupsAlone() {
    fiveDie();
    desk.enqueue(asked("other", ""));
    assertThat(desk.dispatched()).containsExactly("other");
  }

  @Test
  void countsOnlyDeathsOfTheSameCause() {
    enqueue("a", "b", "c", "d", "e", "f");
    diesEarly("a");
    diesEarly("b");
    diesEarly("c");
    diesEarly("d");
    desk.fails("e", ++runs, 4);
    assertThat(desk.state.group("g").streak()).isEqualTo(1);
    assertThat(desk.stateOf("f")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void startsToCountAnewWhenOneCompletes() {
    enqueue("a", "b", "c");
    diesEarly("a");
    diesEarly("b");
    desk.completes("c", ++runs);
    assertThat(desk.state.group("g").streak()).isZero();
  }

  @Test
  void sendsOneCanaryAfterAWhile() {
    fiveDie();
    desk.wait(Breaker.CANARY_DELAY.minusSeconds(5));
    desk.readZones();
    assertThat(desk.dispatched()).isEmpty();
    desk.wait(Duration.ofSeconds(10));
    desk.readZones();
    assertThat(desk.dispatched()).containsExactly("x");
  }

  @Test
  void sendsNoSecondWhileTheCanaryLives() {
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
    desk.wait(Breaker.CANARY_DELAY);
    desk.readZones();
    diesEarly("x");
    assertThat(desk.dispatched()).containsExactly("x");
    desk.wait(Breaker.CANARY_DELAY);
    desk.readZones();
    assertThat(desk.dispatched()).containsExactly("x", "y");
  }

  @Test
  void opensWhenTheCanaryGetsPastTheBeginning() {
    fiveDie();
    desk.wait(Breaker.CANARY_DELAY);
    desk.readZones();
    desk.sees("x", desk.up(run(99), "", Duration.ofSeconds(10)));
    assertThat(desk.state.group("g").held()).isTrue();
    desk.sees("x", desk.up(run(99), "", Duration.ofSeconds(60)));
    assertThat(desk.state.group("g").held()).isFalse();
  }

  @Test
  void opensWhenTheCanaryMakesProgress() {
    fiveDie();
    desk.wait(Breaker.CANARY_DELAY);
    desk.readZones();
    desk.sees("x", up(run(99), "cycle 1/7"));
    assertThat(desk.state.group("g").held()).isFalse();
  }

  @Test
  void sendsOneWhenTheOperatorSaysSo() {
    assertThat(desk.releaseGroup("g")).isInstanceOf(RequestOutcome.Refused.class);
    fiveDie();
    assertThat(desk.releaseGroup("g")).isInstanceOf(RequestOutcome.Acknowledged.class);
    assertThat(desk.dispatched()).containsExactly("x");
    diesEarly("x");
    assertThat(desk.dispatched()).containsExactly("x");
  }

  @Test
  void doesNotCountThoseThatDieLate() {
    enqueue("a", "b");
    desk.sees("a", up(run(1)));
    desk.sees(
        "a",
        DeciderHarness.failed(run(1), "exit-code"),
        Samples.lasted(DeciderHarness.exited(run(1), 3), Duration.ofMinutes(2)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.state.group("g").streak()).isZero();
  }
}
