package io.coord.scheduler.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coord.persistence.Change;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.scheduler.testing.Samples;
import io.coord.thermal.Heat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TransitionsTest {

  @Test
  void leavesAFinalStateNever() {
    for (ExperimentState from : ExperimentState.values()) {
      for (ExperimentState to : ExperimentState.values()) {
        if (from.isFinal()) {
          assertThat(Transitions.allowed(from, to)).as(from + " to " + to).isFalse();
        }
      }
    }
  }

  @Test
  void leadsFromEveryOtherStateToAFinalOne() {
    for (ExperimentState from : ExperimentState.values()) {
      List<ExperimentState> reached = new ArrayList<>(List.of(from));
      for (int i = 0; i < reached.size(); i++) {
        for (ExperimentState to : ExperimentState.values()) {
          if (Transitions.allowed(reached.get(i), to) && !reached.contains(to)) {
            reached.add(to);
          }
        }
      }
      assertThat(reached).as("from " + from).anyMatch(ExperimentState::isFinal);
    }
  }

  @Test
  void startsOnlyWhatWaits() {
    for (ExperimentState from : ExperimentState.values()) {
      assertThat(Transitions.allowed(from, ExperimentState.STARTING))
          .as("from " + from)
          .isEqualTo(
              from == ExperimentState.QUEUED
                  || from == ExperimentState.HELD
                  || from == ExperimentState.COOLING);
    }
  }

  @Test
  void refusesWhatIsNotInTheTable() {
    for (Phase from : phases()) {
      for (Phase to : phases()) {
        Experiment experiment = Samples.experiment("a", 1, from, false);
        State state =
            new State(
                new RestoredState(
                    List.of(experiment)::forEach,
                    1,
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    CoordinatorState.INITIAL,
                    anyId -> Optional.empty(),
                    anyId -> Optional.empty()),
                RuntimeState.unknown(
                    ThermalState.unknown(
                        Heat.unknown(Instant.EPOCH), PowerState.unknown(Optional.empty(), 4))),
                text -> Optional.empty());
        StateUpdate update =
            new StateUpdate(
                List.of(new Change.Moved("a", from, to, false, Instant.EPOCH, "test")),
                state.runtime(),
                new java.util.TreeMap<>(),
                new ParsedSpecs(new java.util.TreeMap<>(), new java.util.TreeMap<>()));
        if (Transitions.allowed(from.state(), to.state())) {
          state.apply(update, Samples.moment(Instant.EPOCH));
          assertThat(state.find("a").isEmpty()).isEqualTo(to.state().isFinal());
        } else {
          assertThatThrownBy(() -> state.apply(update, Samples.moment(Instant.EPOCH)))
              .as(from + " to " + to)
              .isInstanceOf(IllegalStateException.class);
        }
      }
    }
  }

  private static List<Phase> phases() {
    return List.of(
        new Phase.Queued(),
        new Phase.Held(),
        new Phase.Starting(),
        new Phase.Running("%032x".formatted(1)),
        new Phase.Restarting("%032x".formatted(1)),
        new Phase.Cooling(),
        new Phase.Stopping(ExperimentState.STOPPED, "test", Optional.empty()),
        new Phase.Ended(ExperimentState.COMPLETED),
        new Phase.Ended(ExperimentState.FAILED),
        new Phase.Ended(ExperimentState.STOPPED));
  }
}
