package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.exited;
import static io.coord.scheduler.core.DeciderHarness.failed;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.testing.Samples;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The time limit counts all runs together. */
class TimeLimitTest {
  private final DeciderHarness harness = new DeciderHarness(1, 8);

  private void runsFor(int run, Duration time) {
    harness.sees("a", up(run(run)));
    harness.seesItGone("a", Samples.lasted(exited(run(run), 3), time));
  }

  @Test
  void givesTheNextDispatchTheRemainingTime() {
    harness.enqueue(asked("a", "'max_duration': '60s'"));
    runsFor(1, Duration.ofSeconds(20));
    runsFor(2, Duration.ofSeconds(15));
    assertThat(harness.effects(Effect.Dispatch.class))
        .extracting(dispatch -> dispatch.runtimeLeft().orElseThrow())
        .containsExactly(Duration.ofSeconds(60), Duration.ofSeconds(40), Duration.ofSeconds(25));
    assertThat(harness.experiment("a").counts().ran()).isEqualTo(Duration.ofSeconds(35));
  }

  @Test
  void failsWithoutRemainingTime() {
    harness.enqueue(asked("a", "'max_duration': '60s', 'max_crashes': 9"));
    runsFor(1, Duration.ofSeconds(20));
    runsFor(2, Duration.ofSeconds(40));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a")).isEqualTo("time limit exceeded");
  }

  @Test
  void stopsARunThatReachesIt() {
    harness.enqueue(asked("a", "'max_duration': '60s'"));
    runsFor(1, Duration.ofSeconds(20));
    harness.sees("a", harness.up(run(2), "", Duration.ofSeconds(39)));
    assertThat(harness.effects(Effect.Stop.class)).isEmpty();
    harness.sees("a", harness.up(run(2), "", Duration.ofSeconds(40)));
    assertThat(harness.effects(Effect.Stop.class)).hasSize(1);
    harness.seesItGone("a", DeciderHarness.killed(run(2), "TERM"));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a")).isEqualTo("time limit exceeded");
  }

  @Test
  void failsARunThatSystemdEndedAtIt() {
    harness.running(asked("a", "'max_duration': '60s'"));
    harness.sees(
        "a",
        failed(run(1), "timeout"),
        DeciderHarness.exit(run(1), "timeout", "killed", "TERM", 0));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.reasonOf("a")).isEqualTo("time limit exceeded");
  }

  @Test
  void isNotReachedByAKilledStop() {
    harness.running(asked("a", "'max_duration': '60s'"));
    harness.sees(
        "a",
        failed(run(1), "timeout"),
        Samples.lasted(
            DeciderHarness.exit(run(1), "timeout", "killed", "KILL", 0), Duration.ofSeconds(40)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(harness.experiment("a").counts().crashes()).isZero();
  }

  @Test
  void isNotReachedByAWallClockThatJumps() {
    harness.running(asked("a", "'max_duration': '60s'"));
    harness.wallIsOffBy = Duration.ofDays(365);
    harness.sees("a", harness.up(run(1), "", Duration.ofSeconds(5)));
    harness.wallIsOffBy = Duration.ofDays(-20_000);
    harness.sees("a", harness.up(run(1), "", Duration.ofSeconds(6)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
  }
}
