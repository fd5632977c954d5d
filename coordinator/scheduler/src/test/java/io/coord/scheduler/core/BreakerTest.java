package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.command;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.BreakerState;
import io.coord.persistence.ExperimentState;
import io.coord.runner.CommandFingerprint;
import io.coord.scheduler.core.admission.Breaker;
import io.coord.scheduler.core.decision.RequestOutcome;
import io.coord.scheduler.testing.Samples;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A command of an owner that dies of one cause is held, and one canary opens it. */
class BreakerTest {
  private final DeciderHarness harness = new DeciderHarness(1, 16);

  /** Of {@code asked}. */
  private static final BreakerState.Key KEY =
      new BreakerState.Key("ada", new CommandFingerprint("x").digest());

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
  void holdsTheCommandAfterFiveEqualEarlyDeaths() {
    fiveDie();
    assertThat(harness.state.breakers().of(KEY).held()).isTrue();
    assertThat(harness.state.breakers().of(KEY).cause()).contains("exit code 3 before any cycle");
    assertThat(harness.stateOf("x")).isEqualTo(ExperimentState.QUEUED);
    assertThat(harness.why("x"))
        .isEqualTo(
            "command is held: 5 experiments of 'ada' in a row failed early with exit code 3 before"
                + " any cycle; retried automatically, or run 'coord release x'");
  }

  @Test
  void holdsNoOtherCommandAndNoOtherOwner() {
    fiveDie();
    harness.enqueue(command("good", "y"));
    assertThat(harness.dispatched()).containsExactly("good");
    harness.completes("good", ++runs);
    harness.enqueueAs("eve", asked("hers", "'group': 'g'"));
    assertThat(harness.dispatched()).containsExactly("good", "hers");
  }

  /** Thirty with the same mistake in front of a good one: it waits for five of them at most. */
  @Test
  void thirtyTyposDoNotDelayAGoodOne() {
    for (int i = 0; i < 30; i++) {
      harness.enqueue(command("typo" + i, "trian.py", "--seed", String.valueOf(i)));
    }
    harness.enqueue(command("good", "train.py", "--seed", "1"));
    for (int i = 0; i < 5; i++) {
      diesEarly("typo" + i);
    }
    assertThat(harness.stateOf("good")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void holdsTheSameCommandInAllGroups() {
    fiveDie();
    harness.enqueue(asked("elsewhere", ""));
    assertThat(harness.dispatched()).isEmpty();
  }

  /** One that has shown before that it gets past the beginning is not held for others. */
  @Test
  void whatHasNotFailedGoesOn() {
    DeciderHarness wide = new DeciderHarness(8, 16);
    wide.enqueue(asked("old", ""));
    wide.sees("old", up(run(900), "cycle 3/7"));
    for (int i = 0; i < 5; i++) {
      wide.enqueue(asked("e" + i, "'max_crashes': 0"));
      wide.fails("e" + i, i + 1, 3);
    }
    assertThat(wide.state.breakers().of(KEY).held()).isTrue();
    wide.resync("c".repeat(32), wide.seen("old", Optional.empty()));
    assertThat(wide.stateOf("old")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void triesAnotherCommandThanTheOneThatFailedLast() {
    for (int i = 0; i < 5; i++) {
      harness.enqueue(command("typo" + i, "t", "--seed", "7"));
      diesEarly("typo" + i);
    }
    harness.enqueue(command("same", "t", "--seed", "7"));
    harness.enqueue(command("other", "t", "--seed", "8"));
    harness.forget();
    harness.wait(Breaker.CANARY_DELAY);
    harness.readZones();
    assertThat(harness.dispatched()).containsExactly("other");
    diesEarly("other");
    harness.wait(Breaker.CANARY_DELAY);
    harness.readZones();
    assertThat(harness.dispatched()).containsExactly("other", "same");
  }

  @Test
  void anOwnerReleasesTheOneOfHisChoice() {
    fiveDie();
    assertThat(harness.release("y")).isInstanceOf(RequestOutcome.Done.class);
    assertThat(harness.dispatched()).containsExactly("y");
    diesEarly("y");
    assertThat(harness.dispatched()).containsExactly("y");
  }

  @Test
  void aCanaryThatCannotStartIsPassedOver() {
    fiveDie();
    harness.enqueue(asked("late", "'not_before': '2030-01-01T00:00:00Z', 'priority': 9"));
    harness.wait(Breaker.CANARY_DELAY);
    harness.readZones();
    assertThat(harness.dispatched()).containsExactly("x");
  }

  @Test
  void remembersABoundedNumberOfCommandsOfAnOwner() {
    char[] letters = "abcdefghijklmnopqrstuvwxyz".toCharArray();
    for (int i = 0; i < Breaker.MAX_PER_OWNER + 7; i++) {
      String id = "x" + i;
      harness.enqueue(command(id, "c" + letters[i / 26] + letters[i % 26]));
      diesEarly(id);
    }
    assertThat(harness.state.breakers().all()).hasSize(Breaker.MAX_PER_OWNER);
  }

  @Test
  void countsOnlyFailuresWithTheSameCause() {
    enqueue("a", "b", "c", "d", "e", "f");
    diesEarly("a");
    diesEarly("b");
    diesEarly("c");
    diesEarly("d");
    harness.fails("e", ++runs, 4);
    assertThat(harness.state.breakers().of(KEY).streak()).isEqualTo(1);
    assertThat(harness.stateOf("f")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void aCompletedExperimentResetsTheCount() {
    enqueue("a", "b", "c");
    diesEarly("a");
    diesEarly("b");
    harness.completes("c", ++runs);
    assertThat(harness.state.breakers().of(KEY).streak()).isZero();
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
    assertThat(wide.state.breakers().of(KEY).held()).isTrue();
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
    assertThat(harness.state.breakers().of(KEY).held()).isTrue();
    harness.sees("x", harness.up(run(99), "", Duration.ofSeconds(60)));
    assertThat(harness.state.breakers().of(KEY).held()).isFalse();
  }

  @Test
  void opensWhenTheCanaryMakesProgress() {
    fiveDie();
    harness.wait(Breaker.CANARY_DELAY);
    harness.readZones();
    harness.sees("x", up(run(99), "cycle 1/7"));
    assertThat(harness.state.breakers().of(KEY).held()).isFalse();
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
    assertThat(harness.state.breakers().of(KEY).streak()).isZero();
  }
}
