package io.coord.scheduler.core;

import static io.coord.scheduler.core.DeciderHarness.exited;
import static io.coord.scheduler.core.DeciderHarness.run;
import static io.coord.scheduler.core.DeciderHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.CoordinatorState;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.scheduler.core.decision.Decision;
import io.coord.scheduler.core.decision.Effect;
import io.coord.scheduler.core.event.Event;
import io.coord.scheduler.core.state.Limits;
import io.coord.scheduler.core.state.PowerState;
import io.coord.scheduler.core.state.RestoredState;
import io.coord.scheduler.core.state.RuntimeState;
import io.coord.scheduler.core.state.State;
import io.coord.scheduler.core.state.ThermalState;
import io.coord.scheduler.testing.Samples;
import io.coord.thermal.Heat;
import io.coord.thermal.Thresholds;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final DeciderHarness harness = new DeciderHarness(2, 8);

  /** Lets everything wait until all are enqueued. */
  private void hot() {
    harness.heat(76);
    harness.forget();
  }

  @Test
  void dispatchesWhatFits() {
    harness.enqueue(spec("a"));
    assertThat(harness.dispatched()).containsExactly("a");
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void goesByPriorityThenByAge() {
    hot();
    harness.enqueue(spec("old", 0, 1));
    harness.enqueue(spec("older-than-young", 5, 1));
    harness.enqueue(spec("young", 5, 1));
    harness.cool();
    assertThat(harness.dispatched()).containsExactly("older-than-young", "young");
  }

  @Test
  void putsTheInterruptedFirstInTheirOldOrder() {
    DeciderHarness one = new DeciderHarness(3, 8);
    for (String id : List.of("a", "b", "c")) {
      one.enqueue(spec(id, id.equals("c") ? 1 : 0, 1));
      one.sees(id, DeciderHarness.up(run(id.charAt(0))));
    }
    one.enqueue(spec("urgent", 100, 1));
    one.forget();
    one.resync(
        "another boot",
        one.seen("c", Optional.empty()),
        one.seen("b", Optional.empty()),
        one.seen("a", Optional.empty()));
    assertThat(one.dispatched()).containsExactly("c", "a", "b");
    assertThat(one.stateOf("urgent")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void neverTakesMoreThanItsSlots() {
    harness.enqueue(spec("a"));
    harness.enqueue(spec("b"));
    harness.enqueue(spec("c"));
    assertThat(harness.dispatched()).containsExactly("a", "b");
    assertThat(
            harness.decider.why(
                harness.state, harness.experiment("c"), Samples.moment(harness.now)))
        .isEqualTo("waits for a slot: 2 of 2 used by a, b");
  }

  @Test
  void startsASmallerExperimentBeforeOneThatDoesNotFit() {
    harness.enqueue(spec("a", 0, 6));
    harness.enqueue(spec("large", 0, 4));
    harness.enqueue(spec("small", 0, 1));
    assertThat(harness.dispatched()).containsExactly("a", "small");
  }

  @Test
  void givesTheMissingMemoryAsReason() {
    harness.enqueue(spec("a", 0, 6));
    harness.enqueue(spec("large", 0, 4));
    assertThat(
            harness.decider.why(
                harness.state, harness.experiment("large"), Samples.moment(harness.now)))
        .startsWith("waits for memory: needs 4")
        .contains("2")
        .endsWith("available");
  }

  @Test
  void fillsTheMemoryToTheLastByte() {
    harness.enqueue(spec("a", 0, 6));
    harness.enqueue(spec("b", 0, 2));
    assertThat(harness.dispatched()).containsExactly("a", "b");
  }

  @Test
  void givesAFreedSlotToTheNext() {
    harness.running(spec("a", OptionalInt.of(0)));
    harness.enqueue(spec("b"));
    harness.enqueue(spec("c"));
    harness.forget();
    harness.sees("a", DeciderHarness.failed(run(1), "exit-code"), exited(run(1), 3));
    assertThat(harness.stateOf("a")).isEqualTo(ExperimentState.FAILED);
    assertThat(harness.dispatched()).containsExactly("c");
  }

  @Test
  void aStoppingExperimentKeepsItsSlot() {
    harness.running("a");
    harness.enqueue(spec("b"));
    harness.enqueue(spec("c"));
    harness.stop("a");
    assertThat(harness.stateOf("c")).isEqualTo(ExperimentState.QUEUED);
  }

  @Test
  void isClosedBeforeEverythingWasCompared() {
    State fresh =
        new State(
            new RestoredState(
                List.of(DeciderHarness.stored("a", 1, new Phase.Queued(), false))::forEach,
                1,
                Optional.empty(),
                List.of(),
                List.of(),
                CoordinatorState.INITIAL,
                anyId -> Optional.empty(),
                id -> Optional.of("spec of " + id)),
            RuntimeState.unknown(
                ThermalState.unknown(
                    Heat.unknown(Instant.EPOCH), PowerState.unknown(Optional.empty(), 4))),
            text -> Optional.of(spec("a")));
    assertThat(harness.decider.admit(fresh, Samples.moment(Instant.EPOCH))).isEmpty();
    assertThat(
            harness.decider.why(fresh, fresh.find("a").orElseThrow(), Samples.moment(harness.now)))
        .isEqualTo("the service manager was not reached yet");
  }

  @Test
  void isClosedWhileTheManagerIsLost() {
    harness.happens(new Event.ManagerLost("the bus is gone"));
    harness.enqueue(spec("a"));
    assertThat(harness.dispatched()).isEmpty();
    assertThat(
            harness.decider.why(
                harness.state, harness.experiment("a"), Samples.moment(harness.now)))
        .contains("the bus is gone");

    harness.resync(DeciderHarness.BOOT);
    assertThat(harness.dispatched()).containsExactly("a");
  }

  @Test
  void isClosedByHeatAndSaysSo() {
    hot();
    harness.enqueue(spec("a"));
    assertThat(harness.dispatched()).isEmpty();
    assertThat(
            harness.decider.why(
                harness.state, harness.experiment("a"), Samples.moment(harness.now)))
        .contains("cpu-thermal")
        .contains("76 °C");
  }

  @Test
  void isClosedWhileNoZoneCanBeRead() {
    harness.board.setAllOffline();
    harness.readZones();
    harness.enqueue(spec("a"));
    assertThat(harness.dispatched()).isEmpty();
    assertThat(
            harness.decider.why(
                harness.state, harness.experiment("a"), Samples.moment(harness.now)))
        .startsWith("cannot read any");
  }

  @Test
  void holdsAnExperimentWithAnUnreadableSpec() {
    State old =
        new State(
            new RestoredState(
                List.of(
                        DeciderHarness.stored("unreadable", 1, new Phase.Queued(), false),
                        DeciderHarness.stored("readable", 2, new Phase.Queued(), false))
                    ::forEach,
                2,
                Optional.of(DeciderHarness.BOOT),
                List.of(),
                List.of(),
                CoordinatorState.INITIAL,
                anyId -> Optional.empty(),
                id -> Optional.of("spec of " + id)),
            harness.state.runtime(),
            text -> text.contains("unreadable") ? Optional.empty() : Optional.of(spec("readable")));
    Decision first = harness.decider.admit(old, Samples.moment(Instant.EPOCH)).orElseThrow();
    old.apply(first.update(), Samples.moment(Instant.EPOCH));
    assertThat(old.find("unreadable").orElseThrow().state()).isEqualTo(ExperimentState.HELD);
    assertThat(first.changes()).hasSize(1).first().asString().contains("cannot be read");
    old.apply(
        harness.decider.admit(old, Samples.moment(Instant.EPOCH)).orElseThrow().update(),
        Samples.moment(Instant.EPOCH));
    assertThat(old.find("readable").orElseThrow().state()).isEqualTo(ExperimentState.STARTING);
  }

  @Test
  void allowsAsManyRestartsAsCrashesAreLeft() {
    DeciderHarness one = new DeciderHarness(1, 8);
    one.running(spec("a", OptionalInt.of(5)));
    one.seesItGone("a", exited(run(1), 3));
    assertThat(one.effects(Effect.Dispatch.class))
        .extracting(Effect.Dispatch::restartLimit)
        .containsExactly(4);
  }

  @Test
  void refusesLimitsWithoutSlots() {
    assertThat(
            new Limits(new Limits.Capacity(1, 1, new java.util.TreeMap<>()), 1, Thresholds.DEFAULT)
                .capacity()
                .slots())
        .isEqualTo(1);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                new Limits(
                    new Limits.Capacity(0, 1, new java.util.TreeMap<>()), 1, Thresholds.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
