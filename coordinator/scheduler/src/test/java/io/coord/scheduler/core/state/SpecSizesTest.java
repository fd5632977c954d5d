package io.coord.scheduler.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.coord.persistence.Change;
import io.coord.persistence.CoordinatorState;
import io.coord.persistence.Experiment;
import io.coord.persistence.ExperimentState;
import io.coord.persistence.Phase;
import io.coord.scheduler.testing.Samples;
import io.coord.thermal.Heat;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.api.Test;

/** What the requests of a user that wait take, after a restart too. */
class SpecSizesTest {
  private static final String RUN = "%032x".formatted(1);

  private static State restored(List<Experiment> experiments, Map<String, Integer> sizes) {
    StoredSpecs specs =
        new StoredSpecs() {
          @Override
          public Optional<String> of(String id) {
            return Optional.empty();
          }

          @Override
          public void eachSize(ObjIntConsumer<String> reader) {
            sizes.forEach(reader::accept);
          }
        };
    return new State(
        new RestoredState(
            experiments::forEach,
            9,
            Optional.empty(),
            List.of(),
            List.of(),
            CoordinatorState.INITIAL,
            id -> Optional.empty(),
            specs),
        RuntimeState.unknown(
            ThermalState.unknown(
                Heat.unknown(Instant.EPOCH), PowerState.unknown(Optional.empty(), 4))),
        text -> Optional.empty());
  }

  private static void moves(State state, String id, Phase from, Phase to) {
    state.apply(
        new StateUpdate(
            List.of(new Change.Moved(id, from, to, false, Instant.EPOCH, "test")),
            state.runtime(),
            new TreeMap<>(),
            new ParsedSpecs(new TreeMap<>(), new TreeMap<>())),
        Samples.moment(Instant.EPOCH));
  }

  @Test
  void whatLeavesTheQueueAndComesBackHasTheSameSize() {
    Experiment waits = Samples.experiment("waits", 1, new Phase.Queued(), false);
    Experiment held = Samples.experiment("held", 2, new Phase.Held(), false);
    Experiment runs = Samples.experiment("runs", 3, new Phase.Cooling(), false);
    String owner = waits.submission().owner();
    State state = restored(List.of(waits, held, runs), Map.of("waits", 100, "held", 20, "runs", 3));
    assertThat(state.queue().specBytesOf(owner)).isEqualTo(120);

    moves(state, "waits", new Phase.Queued(), new Phase.Starting());
    assertThat(state.queue().specBytesOf(owner)).isEqualTo(20);
    moves(state, "waits", new Phase.Starting(), new Phase.Running(RUN));
    moves(
        state,
        "waits",
        new Phase.Running(RUN),
        new Phase.Stopping(ExperimentState.QUEUED, "test", Optional.of(RUN)));
    moves(
        state,
        "waits",
        new Phase.Stopping(ExperimentState.QUEUED, "test", Optional.of(RUN)),
        new Phase.Queued());
    assertThat(state.queue().specBytesOf(owner)).isEqualTo(120);

    moves(state, "runs", new Phase.Cooling(), new Phase.Queued());
    assertThat(state.queue().specBytesOf(owner)).isEqualTo(123);
    moves(state, "held", new Phase.Held(), new Phase.Ended(ExperimentState.STOPPED));
    assertThat(state.queue().specBytesOf(owner)).isEqualTo(103);
    assertThat(state.queue().specBytesOf("somebody else")).isZero();
  }
}
