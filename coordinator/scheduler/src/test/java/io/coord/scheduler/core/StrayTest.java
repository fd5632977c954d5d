package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.asked;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.ExperimentState;
import io.coord.persistence.Submission;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.testing.Samples;
import io.coord.systemd.UnitStatus;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Units of a coordinator whose ledger was lost are taken over, with what is kept beside them. */
class StrayTest {
  /** That of {@link Samples#unit}. */
  private static final String UNIT = "brain-experiment@x.service";

  private final DeciderHarness harness = new DeciderHarness(3, 8);
  private final UnitStatus unit = up(run(7));

  private Event.StrayFound stray() {
    return new Event.StrayFound(
        UNIT,
        new Submission(
            "eve", 5, 6 * Samples.GIB, Samples.START, Optional.empty(), Optional.empty()),
        "spec of x",
        asked("x", "'priority': 5"));
  }

  @Test
  void isTakenOverWithOwnerMemoryAndSlot() {
    harness.finds(unit);
    harness.happens(stray());
    assertThat(harness.stateOf("x")).isEqualTo(ExperimentState.STARTING);
    assertThat(harness.reasonOf("x")).isEqualTo("taken over with the files of its unit");
    assertThat(harness.experiment("x").submission().owner()).isEqualTo("eve");
    assertThat(harness.effects(Effect.Observe.class))
        .singleElement()
        .satisfies(look -> assertThat(look.spec()).isPresent());
    assertThat(harness.effects(Effect.Dispatch.class)).isEmpty();
    harness.sees("x", unit);
    assertThat(harness.stateOf("x")).isEqualTo(ExperimentState.RUNNING);
    harness.enqueue(DeciderHarness.spec("big", 0, 4));
    assertThat(harness.why("big")).startsWith("waits for memory: needs 4G, 2G of 8G available");
  }

  @Test
  void isStoppedWhenItIsCritical() {
    harness.finds(unit);
    harness.happens(stray());
    harness.sees("x", unit);
    harness.heat(90);
    harness.heat(90);
    assertThat(harness.effects(Effect.Stop.class)).extracting(Effect.Stop::id).contains("x");
  }

  /** Its start was asked for before, and its answer was lost. */
  @Test
  void anExperimentThatWaitsIsTakenOverIfTheUnitRunsIt() {
    harness.heat(76);
    harness.enqueue(asked("x", ""));
    Submission own = harness.experiment("x").submission();
    harness.finds(unit);
    harness.happens(stray());
    assertThat(harness.stateOf("x")).as("of another user").isEqualTo(ExperimentState.QUEUED);
    harness.happens(
        new Event.StrayFound(
            UNIT,
            new Submission(
                own.owner(),
                own.priority(),
                own.ramBytes(),
                own.enqueuedAt().plusSeconds(60),
                Optional.empty(),
                Optional.empty()),
            "spec of x",
            asked("x", "")));
    assertThat(harness.stateOf("x")).as("enqueued later").isEqualTo(ExperimentState.QUEUED);
    harness.happens(
        new Event.StrayFound(
            UNIT,
            new Submission(
                own.owner(),
                own.priority(),
                own.ramBytes(),
                own.enqueuedAt(),
                Optional.empty(),
                Optional.of("0123456789abcdef0123456789abcdef"),
                Optional.empty()),
            "spec of x",
            asked("x", "")));
    assertThat(harness.stateOf("x")).as("of another ledger").isEqualTo(ExperimentState.QUEUED);
    harness.happens(new Event.StrayFound(UNIT, own, "spec of x", asked("x", "")));
    assertThat(harness.stateOf("x")).isEqualTo(ExperimentState.STARTING);
    assertThat(harness.state.runtime().manager().unmanaged()).isEmpty();
  }

  @Test
  void whatIsKnownIsNotTakenOver() {
    harness.running("x");
    harness.finds(unit);
    harness.forget();
    harness.happens(stray());
    assertThat(harness.changes).isEmpty();
  }

  /** It ended between the comparison and now, or somebody else has it. */
  @Test
  void whatTheComparisonHasNotFoundIsNotTakenOver() {
    harness.happens(stray());
    assertThat(harness.changes).isEmpty();
  }
}
