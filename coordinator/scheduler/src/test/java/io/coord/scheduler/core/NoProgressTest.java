package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.killed;
import static io.coord.scheduler.core.DeciderHarness.restarting;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.CoordinatorState;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.RunEnd.Cause;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Observation;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.SliceThrottle;
import io.coord.scheduler.core.state.State;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** An experiment that hangs is killed, which is a crash. */
class NoProgressTest {
  private final DeciderHarness harness = new DeciderHarness(1, 8);

  private void runs() {
    harness.running(asked("a", "'no_progress': '60s'"));
  }

  @Test
  void killsARunThatReportsNoNewCycle() {
    runs();
    harness.sees("a", up(run(1), "cycle 1/7"));
    harness.wait(Duration.ofSeconds(59));
    harness.sees("a", up(run(1), "cycle 1/7"));
    assertThat(harness.effects(Effect.Kill.class)).isEmpty();
    harness.wait(Duration.ofSeconds(1));
    harness.sees("a", up(run(1), "cycle 1/7"));
    assertThat(harness.effects(Effect.Kill.class)).containsExactly(new Effect.Kill("a"));
  }

  @Test
  void countsThatAsACrashAndLetsItComeBack() {
    runs();
    harness.wait(Duration.ofSeconds(61));
    harness.sees("a", up(run(1)));
    harness.sees("a", restarting(run(1), "signal"), killed(run(1), "KILL"));
    assertThat(harness.causes()).containsExactly(Cause.NO_PROGRESS);
    assertThat(harness.experiment("a").counts().crashes()).isEqualTo(1);
    assertThat(harness.reasonOf("a")).contains("no new cycle for 1min");
    harness.sees("a", up(run(2)));
    harness.sees("a", up(run(2)));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.RUNNING);
    assertThat(harness.effects(Effect.Kill.class)).hasSize(1);
  }

  @Test
  void doesNotBlameALaterKillOnMissingProgress() {
    runs();
    harness.wait(Duration.ofSeconds(61));
    harness.sees("a", up(run(1)));
    harness.sees("a", restarting(run(1), "signal"), killed(run(1), "KILL"));
    harness.sees("a", up(run(2)));
    harness.sees("a", restarting(run(2), "signal"), killed(run(2), "KILL"));
    assertThat(harness.causes()).containsExactly(Cause.NO_PROGRESS, Cause.SIGNAL);
  }

  @Test
  void timeInWhichHeatFreezesItDoesNotCount() {
    runs();
    harness.happens(new Event.ThrottleSeen(new SliceThrottle(OptionalInt.of(20), true), true, 0));
    harness.wait(Duration.ofSeconds(90));
    harness.sees("a", up(run(1)));
    assertThat(harness.effects(Effect.Kill.class)).as("frozen").isEmpty();
    harness.happens(new Event.ThrottleSeen(SliceThrottle.NONE, true, 0));
    harness.wait(Duration.ofSeconds(59));
    harness.sees("a", up(run(1)));
    assertThat(harness.effects(Effect.Kill.class)).as("thawed a while ago").isEmpty();
    harness.wait(Duration.ofSeconds(1));
    harness.sees("a", up(run(1)));
    assertThat(harness.effects(Effect.Kill.class)).hasSize(1);
  }

  @Test
  void killsAgainIfTheCallFailed() {
    runs();
    harness.wait(Duration.ofSeconds(61));
    harness.sees("a", up(run(1)));
    harness.wait(Duration.ofSeconds(30));
    harness.sees("a", up(run(1)));
    assertThat(harness.effects(Effect.Kill.class)).hasSize(2);
  }

  @Test
  void doesNotKillARunThatReportsCycles() {
    runs();
    for (int i = 1; i < 7; i++) {
      harness.wait(Duration.ofSeconds(50));
      harness.sees("a", up(run(1), "cycle %d/7".formatted(i)));
    }
    harness.wait(Duration.ofSeconds(10));
    harness.sees("a", up(run(1), "cycle 6/7"));
    assertThat(harness.effects(Effect.Kill.class)).isEmpty();
  }

  @Test
  void countsFromTheBeginOfTheRun() {
    runs();
    harness.sees("a", restarting(run(1), "exit-code"), DeciderHarness.exited(run(1), 3));
    harness.wait(Duration.ofSeconds(100));
    harness.sees("a", up(run(2)));
    harness.wait(Duration.ofSeconds(10));
    harness.sees("a", up(run(2)));
    assertThat(harness.effects(Effect.Kill.class)).isEmpty();
  }

  @Test
  void isLookedAfterByTheNextCoordinatorToo() {
    State next =
        new State(
            new RestoredState(
                java.util.List.of(
                        DeciderHarness.stored(
                            "a", 1, new io.coord.persistence.Phase.Running(run(1)), false))
                    ::forEach,
                1,
                java.util.Optional.of(DeciderHarness.BOOT),
                java.util.List.of(),
                java.util.List.of(),
                CoordinatorState.INITIAL,
                any -> java.util.Optional.empty(),
                id -> java.util.Optional.of("spec of " + id)),
            harness.state.runtime(),
            text -> java.util.Optional.of(asked("a", "'no_progress': '60s'")));
    Event look =
        new Event.Observed(
            new Observation(
                next.find("a").orElseThrow(),
                java.util.Optional.of(up(run(1))),
                java.util.List.of(),
                java.util.Optional.empty(),
                true,
                false));
    Decision first = harness.decider.decide(next, look, harness.moment());
    assertThat(first.effects()).isEmpty();
    next.apply(first.update(), harness.moment());
    harness.wait(Duration.ofSeconds(61));
    assertThat(harness.decider.decide(next, look, harness.moment()).effects())
        .containsExactly(new Effect.Kill("a"));
  }
}
