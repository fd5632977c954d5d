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
  private final DeciderHarness desk = new DeciderHarness(1, 8);

  private void runsFor(int run, Duration time) {
    desk.sees("a", up(run(run)));
    desk.seesItGone("a", Samples.lasted(exited(run(run), 3), time));
  }

  @Test
  void givesTheNextDispatchWhatIsLeft() {
    desk.enqueue(asked("a", "'max_duration': '60s'"));
    runsFor(1, Duration.ofSeconds(20));
    runsFor(2, Duration.ofSeconds(15));
    assertThat(desk.effects(Effect.Dispatch.class))
        .extracting(dispatch -> dispatch.runtimeLeft().orElseThrow())
        .containsExactly(Duration.ofSeconds(60), Duration.ofSeconds(40), Duration.ofSeconds(25));
    assertThat(desk.experiment("a").counts().ran()).isEqualTo(Duration.ofSeconds(35));
  }

  @Test
  void failsOneThatHasNothingLeft() {
    desk.enqueue(asked("a", "'max_duration': '60s', 'max_crashes': 9"));
    runsFor(1, Duration.ofSeconds(20));
    runsFor(2, Duration.ofSeconds(40));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a")).isEqualTo("time limit exceeded");
  }

  @Test
  void stopsOneThatReachesItWhileItRuns() {
    desk.enqueue(asked("a", "'max_duration': '60s'"));
    runsFor(1, Duration.ofSeconds(20));
    desk.sees("a", desk.up(run(2), "", Duration.ofSeconds(39)));
    assertThat(desk.effects(Effect.Stop.class)).isEmpty();
    desk.sees("a", desk.up(run(2), "", Duration.ofSeconds(40)));
    assertThat(desk.effects(Effect.Stop.class)).hasSize(1);
    desk.seesItGone("a", DeciderHarness.killed(run(2), "TERM"));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a")).isEqualTo("time limit exceeded");
  }

  @Test
  void failsOneThatSystemdEndedAtIt() {
    desk.running(asked("a", "'max_duration': '60s'"));
    desk.sees(
        "a",
        failed(run(1), "timeout"),
        DeciderHarness.exit(run(1), "timeout", "killed", "TERM", 0));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(desk.reasonOf("a")).isEqualTo("time limit exceeded");
  }

  @Test
  void isNotReachedByOneThatSystemctlHadToKillBefore() {
    desk.running(asked("a", "'max_duration': '60s'"));
    desk.sees(
        "a",
        failed(run(1), "timeout"),
        Samples.lasted(
            DeciderHarness.exit(run(1), "timeout", "killed", "KILL", 0), Duration.ofSeconds(40)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.HELD);
    assertThat(desk.experiment("a").counts().crashes()).isZero();
  }

  @Test
  void isNotReachedByAWallClockThatJumps() {
    desk.running(asked("a", "'max_duration': '60s'"));
    desk.wallIsOffBy = Duration.ofDays(365);
    desk.sees("a", desk.up(run(1), "", Duration.ofSeconds(5)));
    desk.wallIsOffBy = Duration.ofDays(-20_000);
    desk.sees("a", desk.up(run(1), "", Duration.ofSeconds(6)));
    assertThat(desk.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
  }
}
